/**
 * Nothing is hidden: change what has no prop in code, through cdk8s-plus and cdk8s, or as data, with patches.
 */
import { App, Chart, JsonPatch, Size as Bytes } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', { domain: 'apps.example.com' });

const chart = new Chart(app, 'escape-hatches', { namespace: 'shop' });
const web = new WebApp(chart, 'checkout', {
  image: 'ghcr.io/acme/checkout:1.0.0',
  patches: [
    // One field of the app's container that has no prop; its other fields stay.
    {
      kind: 'Deployment',
      merge: { spec: { template: { spec: { containers: [{ name: 'web', terminationMessagePolicy: 'FallbackToLogsOnError' }] } } } },
    },
  ],
});

// A sidecar, and a volume that both containers use.
const sockets = kplus.Volume.fromEmptyDir(web, 'sockets', 'sockets', { sizeLimit: Bytes.mebibytes(16) });
const proxy = web.deployment.addContainer({
  name: 'proxy',
  image: 'ghcr.io/acme/sql-proxy:2.1.0',
  args: ['--socket', '/sockets/db.sock'],
  resources: { cpu: { request: kplus.Cpu.millis(20) }, memory: { request: Bytes.mebibytes(32), limit: Bytes.mebibytes(32) } },
});
proxy.mount('/sockets', sockets);
web.container.mount('/sockets', sockets);
web.addEnv('DATABASE_SOCKET', '/sockets/db.sock');

// A field of the Deployment, and one of the ScaledObject.
web.deployment.metadata.addAnnotation('example.com/runbook', 'https://runbooks.example.com/checkout');
web.scaledObject!.addJsonPatch(JsonPatch.add('/spec/pollingInterval', 10));

app.synth();
