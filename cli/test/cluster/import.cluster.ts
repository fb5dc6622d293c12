import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Answer } from '../../../test/cluster/cluster';
import {
  describeWithAddon, eventually, get, IMAGE, kubectl, request, server, temporaryNamespace, waitUntilReady,
} from '../../../test/cluster/cluster';
import { call } from '../call';
import { Folder } from '../folder';

/** What a team may have applied by hand, or with a chart. */
interface Existing {
  /** The labels that its Service and its Deployment select pods by. */
  readonly selector: { readonly [label: string]: string };

  /** The name of the container's port. */
  readonly portName: string;

  /** The port of the Service. */
  readonly port: number;
}

function objectsOf(namespace: string, { selector, portName, port }: Existing): object[] {
  const metadata = { name: 'web', namespace };
  const securityContext = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };
  const container = {
    name: 'main',
    image: IMAGE,
    command: server('process.env.HOSTNAME'),
    env: [{ name: 'PORT', value: '3000' }],
    ports: [{ name: portName, containerPort: 3000 }],
    readinessProbe: { tcpSocket: { port: portName }, periodSeconds: 1 },
    lifecycle: { preStop: { exec: { command: ['sleep', '3'] } } },
    resources: { requests: { cpu: '20m', memory: '64Mi' } },
    securityContext,
  };
  const pod = {
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [container],
  };
  const backend = { service: { name: 'web', port: { number: port } } };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: selector },
        template: { metadata: { labels: { ...selector, tier: 'front' } }, spec: pod },
      },
    },
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ port, targetPort: portName }] } },
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata,
      spec: { rules: [{ host: `web.${namespace}.example.com`, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    },
    { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { maxUnavailable: 1, selector: { matchLabels: selector } } },
  ];
}

/** The commands that a report has for the switch. */
function commandsIn(report: string): string {
  const [, ...lines] = /^  - switch .*\n((?: {4}.*\n)+)/m.exec(report)![0].split('\n');
  return lines.map(line => line.slice(4)).join('\n');
}

/** Runs what a user would paste into a shell in the folder of webapp.yaml. */
async function shell(script: string, cwd: string): Promise<string> {
  const webapp = `webapp() { node ${join(__dirname, '../../lib/main.mjs')} "$@"; }`;
  return new Promise((resolve, reject) => {
    execFile('bash', ['-ec', `${webapp}\n${script}`], { cwd, env: process.env }, (error, out, err) => (
      error ? reject(new Error(`${error.message}\n${out}${err}`)) : resolve(out + err)));
  });
}

describeWithAddon('the commands that webapp import --from-cluster prints', () => {
  describe.each<[what: string, existing: Existing]>([
    ['of a Deployment that was applied by hand', { selector: { app: 'web' }, portName: 'http', port: 80 }],
    ['of a chart', { selector: { 'app.kubernetes.io/name': 'shop', 'app.kubernetes.io/instance': 'web' }, portName: 'http', port: 8080 }],
    ['with a port of another name', { selector: { app: 'web' }, portName: 'main', port: 80 }],
  ])('%s', (_, existing) => {
    const namespace = temporaryNamespace('import');
    const folder = new Folder({});

    test('switch to the app, and no request fails', async () => {
      kubectl(['apply', '--filename', '-'], objectsOf(namespace, existing).map(object => stringify(object)).join('---\n'));
      kubectl(['rollout', 'status', 'deployment/web', '--namespace', namespace, '--timeout=120s']);
      const before = pods(namespace).map(({ metadata }) => metadata.name);
      const { code, err } = await call(['import', '--from-cluster', 'deploy/web', '--namespace', namespace], {
        cwd: folder.path,
        env: process.env,
      });
      expect({ code, before: before.length }).toEqual({ code: 0, before: 2 });
      const compared = await call(['diff', '--no-pin'], { cwd: folder.path, env: process.env });
      expect(compared).toMatchObject({
        code: 2, out: expect.stringContaining('replace Deployment web in namespace'), err: expect.stringContaining('immutable'),
      });

      const { ENTRY } = process.env;
      const url = ENTRY ? `http://${ENTRY}/` : `http://web.${namespace}/`;
      const headers = { Host: `web.${namespace}.example.com` };
      await eventually(async () => (await request(namespace, url, { headers }))[0].status, status => status === 200);
      let isSwitched = false;
      const visit = async (answers: Answer[] = []): Promise<Answer[]> => {
        const all = [...answers, ...await request(namespace, url, { count: 600, pause: 80, headers })];
        return isSwitched ? all : visit(all);
      };
      // Two clients, so that requests are sent while the next pod of one of them starts.
      const visits = [visit(), new Promise<void>(resolve => setTimeout(resolve, 4000)).then(async () => visit())];
      const printed = await shell(commandsIn(err), folder.path).finally(() => (isSwitched = true));
      const answers = (await Promise.all(visits)).flat();

      expect(printed).toContain('web is ready');
      expect(get(namespace, 'deployment', 'web').spec.selector.matchLabels).toMatchObject({ 'app.kubernetes.io/name': 'web' });
      await eventually(() => pods(namespace).filter(({ metadata }) => before.includes(metadata.name)), old => old.length === 0);
      waitUntilReady(namespace, 'web');
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      expect(answers.some(({ body }) => before.includes(body)) && answers.some(({ body }) => !before.includes(body))).toBe(true);
    });
  });
});

function pods(namespace: string): any[] {
  return JSON.parse(kubectl(['get', 'pods', '--namespace', namespace, '--output', 'json'])).items
    .filter(({ metadata }: any) => metadata.name.startsWith('web-'));
}
