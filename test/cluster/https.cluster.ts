import { App, Chart } from 'cdk8s';
import { apply, eventually, get, IMAGE, kubectl, request, temporaryNamespace } from './cluster';
import { AppProtocol, IngressController, Platform, WebApp } from 'cdk8s-webapp';

/** A server with a self-signed certificate. */
const PROGRAM = `const { execSync } = require("node:child_process");
  execSync("openssl req -x509 -newkey rsa:2048 -nodes -keyout /tmp/key -out /tmp/cert -days 1 -subj /CN=app");
  const read = file => require("node:fs").readFileSync(file);
  const certificate = { key: read("/tmp/key"), cert: read("/tmp/cert") };
  require("node:https").createServer(certificate, (request, response) => response.end("tls " + request.url))
    .listen(process.env.PORT);
  process.on("SIGTERM", () => process.exit());`;

/** Requests go through the cluster's ingress controller if ENTRY is its address. */
const throughEntry = process.env.ENTRY ? test : test.skip;

describe('an app that speaks HTTPS', () => {
  const namespace = temporaryNamespace('https');
  const write = () => {
    const app = new App();
    new Platform(app, 'platform', {
      domain: `${namespace}.example.com`, ingress: { className: 'traefik', controller: IngressController.TRAEFIK },
    });
    new WebApp(new Chart(app, 'shop', { namespace }), 'web', {
      image: IMAGE,
      command: ['node', '-e', PROGRAM],
      protocol: AppProtocol.HTTPS,
      port: 8443,
      scaling: { replicas: 1 },
      health: { path: '/healthz' },
      resources: { cpu: '10m' },
    });
    return app;
  };

  test('passes a readiness probe over HTTPS', async () => {
    apply(write());
    await eventually(() => get(namespace, 'deployment', 'web').status.availableReplicas, replicas => replicas === 1, 90);
    const transport = kubectl(['get', 'serverstransport', 'web', '--namespace', namespace, '--output', 'jsonpath={.spec}']);
    expect(transport).toBe('{"insecureSkipVerify":true}');
  });

  throughEntry('gets requests through Traefik', async () => {
    const headers = { host: `web.${namespace}.example.com` };
    const ask = async () => (await request(namespace, `http://${process.env.ENTRY}/a`, { headers }))[0];
    const answer = await eventually(ask, ({ status }) => status === 200);
    expect(answer.body).toBe('tls /a');
  });
});
