import type { LogFormat, LogLevel } from '../../../src/operator/runtime/log';
import { createLogger, LOG_LEVELS } from '../../../src/operator/runtime/log';

const TIME = '2026-01-01T00:00:00.000Z';

/** A logger, and what it writes. */
function logger(format: LogFormat, level: LogLevel = 'info') {
  const lines: string[] = [];
  return { lines, log: createLogger({ format, level, write: line => void lines.push(line), now: () => Date.parse(TIME) }) };
}

test('a message is one line of JSON, with what it is about', () => {
  const { lines, log } = logger('json');
  log.with({ app: 'web', namespace: 'shop' }).info('Deployed', { release: 3, image: undefined });
  expect(lines).toEqual([`{"time":"${TIME}","level":"info","msg":"Deployed","app":"web","namespace":"shop","release":3}\n`]);
});

test('a field replaces neither the time, nor the level, nor the message', () => {
  const { lines, log } = logger('json');
  log.info('Deployed', { msg: 'x', level: 'debug', time: 'now' });
  expect(JSON.parse(lines[0])).toEqual({ time: TIME, level: 'info', msg: 'Deployed' });
});

test('for people it is one line of text', () => {
  const { lines, log } = logger('text');
  log.warn('the registry does not answer\n  try again', { app: 'web', reason: 'no route', list: ['a', 1] });
  expect(lines).toEqual([`${TIME} WARN  the registry does not answer try again app=web reason="no route" list=["a",1]\n`]);
});

test('an error is written as its message, without a stack', () => {
  const { lines, log } = logger('json');
  log.error('the reconcile failed', { error: new Error('no such image') });
  expect(JSON.parse(lines[0])).toEqual({ time: TIME, level: 'error', msg: 'the reconcile failed', error: 'no such image' });
});

test('a mistake of the program has its stack', () => {
  const { lines, log } = logger('json');
  const error = new TypeError('x is not a function');
  log.error('the reconcile failed', { error });
  expect(JSON.parse(lines[0])).toMatchObject({ error: 'x is not a function', stack: error.stack });
  const { lines: text, log: forPeople } = logger('text');
  forPeople.error('the reconcile failed', { error });
  expect(text[0]).toMatch(/ERROR the reconcile failed error="x is not a function"\n {4}TypeError: x is not a function\n {4}at /);
});

test.each([
  { level: 'debug', written: ['debug', 'info', 'warn', 'error'] },
  { level: 'info', written: ['info', 'warn', 'error'] },
  { level: 'warn', written: ['warn', 'error'] },
  { level: 'error', written: ['error'] },
] as const)('at level $level: $written', ({ level, written }) => {
  const { lines, log } = logger('json', level);
  for (const each of LOG_LEVELS) log[each]('message');
  expect(lines.map(line => JSON.parse(line).level)).toEqual(written);
});
