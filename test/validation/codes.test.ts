import { build } from '../synth';

describe('a problem has a code for its kind, independent of the message', () => {
  test.each<[string, string, object]>([
    ['missing', 'secretEnv.A.key', { secretEnv: { A: { secret: 'a' } } }],
    ['missing', 'image', { image: undefined }],
    ['unknown', 'imgae', { imgae: 'x' }],
    ['unknown', 'connections.db.type', { connections: { db: { type: 'postgers', secret: 'db' } } }],
    ['type', 'port', { port: '8080' }],
    ['type', 'size', { size: 'huge' }],
    ['format', 'health.interval', { health: { interval: '5' } }],
    ['range', 'health.interval', { health: { interval: '0s' } }],
    ['range', 'scaling.max', { scaling: { min: 5, max: 2 } }],
    ['conflict', 'health.grpc', { health: { path: '/', grpc: true } }],
    ['duplicate', 'secretEnv.A', { env: { A: 'a' }, secretEnv: { A: { secret: 'a', key: 'a' } } }],
    ['unsupported', 'security.privileged', { security: { privileged: true } }],
  ])('%s is the code of the problem with %s', (code, path, props) => {
    expect(build(props).web._problems().map(problem => [problem.code, problem.path])).toEqual([[code, path]]);
  });
});
