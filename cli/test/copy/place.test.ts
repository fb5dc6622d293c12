import { copyOf } from '../../src/copy/place';

describe('a path of webapp cp', () => {
  test.each([
    [':/tmp/a', { path: '/tmp/a', isRemote: true, app: undefined }],
    ['web:/tmp/a', { path: '/tmp/a', isRemote: true, app: 'web' }],
    ['web:a', { path: 'a', isRemote: true, app: 'web' }],
    [':/tmp/a:b', { path: '/tmp/a:b', isRemote: true, app: undefined }],
  ])('%s is in an app', (text, place) => {
    expect(copyOf(text, 'here')).toEqual({ from: place, to: { path: 'here', isRemote: false }, app: place.app });
    expect(copyOf('here', text).to).toEqual(place);
  });

  test.each(['a', './web:a', '/tmp/a', 'C:\\a', 'C:/a', 'Web:a'])('%s is on this computer', text => {
    expect(copyOf(text, ':/tmp').from).toEqual({ path: text, isRemote: false });
  });

  test.each([
    ['a', 'b', 'both a and b are on this computer; write one of the paths as :/tmp/file'],
    [':/a', 'web:/b', 'both :/a and web:/b are in an app'],
    ['web:', 'b', 'the path in "web:" is empty'],
    ['', ':/a', 'the path in "" is empty'],
  ])('%j and %j are an error', (from, to, message) => {
    expect(() => copyOf(from, to)).toThrow(message);
  });
});
