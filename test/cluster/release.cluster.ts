import { App, Chart } from 'cdk8s';
import { apply, eventually, IMAGE, kubectl, temporaryNamespace } from './cluster';
import { Platform, ReleaseCommand, WebApp } from 'cdk8s-webapp';

/** An app whose release command prints one of its variables. */
function web(namespace: string, version: string, release: Partial<ReleaseCommand> = {}): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com` });
  const command = ['node', '-e', 'console.log("migrated to " + process.env.VERSION)'];
  new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
    image: IMAGE,
    env: { VERSION: version },
    scaling: { replicas: 1 },
    releaseCommand: { command, ...release },
  });
  return app;
}

describe('a release command', () => {
  const namespace = temporaryNamespace('release');
  const selector = ['--namespace', namespace, '--selector', 'app.kubernetes.io/component=release'];
  const jobs = (): any[] => JSON.parse(kubectl(['get', 'jobs', ...selector, '--output', 'json'])).items;
  const ended = (job: any) =>
    job.status.conditions?.find(({ status, type }: any) => status === 'True' && ['Complete', 'Failed'].includes(type))?.type;

  test('runs once, under Pod Security restricted, with the app\'s variables', async () => {
    apply(web(namespace, '1'));
    await eventually(() => jobs().map(ended), all => all.join() === 'Complete');
    expect(kubectl(['logs', ...selector])).toBe('migrated to 1\n');
  });

  test('does not run again when the same version is applied again', () => {
    const [{ metadata: { uid } }] = jobs();
    apply(web(namespace, '1'));
    expect(jobs().map(({ metadata }) => metadata.uid)).toEqual([uid]);
  });

  test('runs again for another version', async () => {
    apply(web(namespace, '2'));
    await eventually(() => jobs().map(ended), all => all.join() === 'Complete,Complete');
  });

  test('fails after its last retry and logs the reason', async () => {
    apply(web(namespace, '3', { command: ['node', '-e', 'throw new Error("no such table")'], retries: 0 }));
    await eventually(() => jobs().map(ended), all => all.includes('Failed'));
    expect(kubectl(['logs', ...selector, '--tail=-1'])).toContain('no such table');
  });
});
