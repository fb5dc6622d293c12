import { parseEnvFile } from '../../src/config/env-file';

describe('a .env file', () => {
  test.each<[string, string, object]>([
    ['variables', 'A=1\nB = two words \n', { A: '1', B: 'two words' }],
    ['comments and empty lines', '# a\n\nA=1 # one\nB=#2\nC=a#b\n', { A: '1', B: '', C: 'a#b' }],
    ['quotes, in which everything stands', 'A="a # b"\nB=\'it\'\nC=`"`\nD="" # none', { A: 'a # b', B: 'it', C: '"', D: '' }],
    ['escapes in double quotes alone', 'A="a\\nb\\t\\"\\$\\q"\nB=\'a\\nb\'\nC=a\\nb', { A: 'a\nb\t"$\\q', B: 'a\\nb', C: 'a\\nb' }],
    ['values of several lines', 'KEY="-----BEGIN\nabc\n-----END"\nA=1', { KEY: '-----BEGIN\nabc\n-----END', A: '1' }],
    ['export', 'export A=1', { A: '1' }],
    ['lines of Windows and a byte order mark', '\ufeffA=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['an equals sign in a value', 'URL=postgres://a:b@c/d?e=f', { URL: 'postgres://a:b@c/d?e=f' }],
    ['dollars', "A=pa$word\nB='${C}'", { A: 'pa$word', B: '${C}' }],
  ])('has %s', (_, text, env) => {
    expect(parseEnvFile(text)).toEqual({ env, faults: [] });
  });

  test.each<[string, number, string]>([
    ['A=1\nB\n', 2, 'is not NAME=value'],
    ['1A=1', 1, 'is not NAME=value'],
    ['A="1\nB=2', 1, 'has a quote that is not closed'],
    ['A="1" 2', 1, 'has text after the closing quote'],
    ['A=1\nA=2', 2, 'sets A a second time'],
    ['A=1\nB=http://${A}', 2, 'refers to another variable, which is not replaced here'],
  ])('%j is wrong in line %i: it %s', (text, line, message) => {
    expect(parseEnvFile(text).faults).toEqual([{ line, message, hint: expect.stringMatching(/\w/) }]);
  });
});
