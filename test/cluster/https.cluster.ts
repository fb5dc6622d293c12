import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { apply, eventually, get, IMAGE, kubectl, request, temporaryNamespace } from './cluster';
import { describeTraefik, temporaryTraefik } from './traefik';
import { AppProtocol, IngressController, Platform, WebApp } from 'cdk8s-webapp';

const PROGRAM = `const read = file => require("node:fs").readFileSync("/etc/tls/" + file);
  require("node:https").createServer({ key: read("key"), cert: read("cert") }, (request, response) => response.end("tls " + request.url))
    .listen(process.env.PORT);
  process.on("SIGTERM", () => process.exit());`;

/** Creates a Secret with a certificate that no authority has signed. */
function createCertificate(namespace: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'));
  const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
  const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1', '-subj', '/CN=app'];
  execFileSync('openssl', args, { stdio: 'ignore' });
  kubectl(['create', 'secret', 'generic', 'tls', '--namespace', namespace, `--from-file=${key}`, `--from-file=${cert}`]);
  rmSync(folder, { recursive: true });
}

describeTraefik()('an app that speaks HTTPS', () => {
  const namespace = temporaryNamespace('https');
  const { className, url } = temporaryTraefik(namespace);

  test('is ready by a check over HTTPS, and answers through Traefik', async () => {
    createCertificate(namespace);
    const app = new App();
    new Platform(app, 'platform', { domain: `${namespace}.example.com`, ingress: { className, controller: IngressController.TRAEFIK } });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      command: ['node', '-e', PROGRAM],
      secretFiles: { '/etc/tls/key': { secret: 'tls', key: 'key' }, '/etc/tls/cert': { secret: 'tls', key: 'cert' } },
      protocol: AppProtocol.HTTPS,
      port: 8443,
      scaling: { replicas: 1 },
      health: { path: '/healthz' },
      resources: { cpu: '10m' },
    });
    apply(app);
    await eventually(() => get(namespace, 'deployment', 'web').status.availableReplicas, replicas => replicas === 1, 90);
    const headers = { host: `web.${namespace}.example.com` };
    const answer = await eventually(async () => (await request(namespace, `${url}/a`, { headers }))[0], ({ status }) => status === 200);
    expect(answer.body).toBe('tls /a');
  });
});
