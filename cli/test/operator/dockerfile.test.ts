import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bin, files } from '../../package.json';
import { operatorManifest } from '../../src/operator/manifest/manifest';

const CLI = join(__dirname, '../..');

/** The instructions of the Dockerfile, each on one line, without comments. */
const instructions = readFileSync(join(CLI, 'Dockerfile'), 'utf8').replace(/^#.*\n/gm, '').replace(/\\\n/g, ' ')
  .split('\n').filter(line => line.trim() !== '').map(line => {
    const [name, ...rest] = line.trim().split(/\s+/);
    return { name, rest: rest.join(' ') };
  });
const stages = instructions.filter(({ name }) => name === 'FROM');
const last = instructions.slice(instructions.lastIndexOf(stages.at(-1)!));
const one = (name: string) => last.filter(instruction => instruction.name === name).map(({ rest }) => rest);
const deployment = operatorManifest({ namespace: 'a', image: 'a', replicas: 1, webhook: true }).objects
  .find(({ kind }) => kind === 'Deployment') as any;
const pod = deployment.spec.template.spec;

describe('the Dockerfile of the operator', () => {
  test('names its images by a tag that says which version they have', () => {
    const images = instructions.filter(({ name }) => name === 'ARG').map(({ rest }) => rest.split('=')[1]);
    expect(images).toEqual([expect.stringMatching(/:\d+/), expect.stringMatching(/debian\d+:nonroot$/)]);
    expect(stages.map(({ rest }) => rest)).toEqual(['${NODE_IMAGE} AS package', '${BASE_IMAGE}']);
  });

  test('runs nothing in the image that is shipped, which has no shell', () => {
    expect(one('RUN')).toEqual([]);
    expect(one('COPY')).toEqual(['--from=package /image/ /']);
  });

  test('has the user of the pods', () => {
    expect(one('USER')).toEqual([`${pod.securityContext.runAsUser}:${pod.securityContext.runAsGroup}`]);
  });

  test('starts the command without a shell', () => {
    expect(JSON.parse(one('ENTRYPOINT')[0])).toEqual(['/usr/local/bin/node', `/app/${bin.webapp}`]);
    expect(pod.containers[0].args.slice(0, 2)).toEqual(JSON.parse(one('CMD')[0]));
    expect(pod.containers[0].command).toBeUndefined();
  });

  test('names a home, as the command asks for it', () => {
    expect(one('ENV')[0].split(' ')).toContain('HOME=/');
  });

  test('gets the packed package, and nothing else of the folder', () => {
    expect(readFileSync(join(CLI, '.dockerignore'), 'utf8')).toBe('*\n!cdk8s-webapp-cli-*.tgz\n');
    expect(files).toContain(`${bin.webapp.split('/')[0]}/`);
  });
});
