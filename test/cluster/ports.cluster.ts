import { App, Chart } from 'cdk8s';
import { apply, describeWithAddon, eventually, get, IMAGE, pods, request, SHORT_LIVED, temporaryNamespace, wake } from './cluster';
import { Platform, WebApp } from 'cdk8s-webapp';

/** Responds to HTTP requests with the number of the port, and to any connection to port 2222. */
const PROGRAM = `const http = require("node:http");
  for (const port of [process.env.PORT, 9000]) http.createServer((request, response) => response.end(port + request.url)).listen(port);
  const response = "HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\ntcp";
  require("node:net").createServer(socket => socket.end(response)).listen(2222);
  process.on("SIGTERM", () => process.exit());`;

function write(namespace: string): App {
  const app = new App();
  new Platform(app, 'platform', { domain: `${namespace}.example.com` });
  const chart = new Chart(app, 'shop', { namespace });
  const common = { image: IMAGE, command: ['node', '-e', PROGRAM], health: SHORT_LIVED, internal: true, resources: { cpu: '10m' } };
  new WebApp(chart, 'web', {
    ...common,
    internal: false,
    ports: { admin: { port: 9000, hosts: [`admin.${namespace}.example.com`] } },
    scaling: { cooldownPeriod: '5s' },
  });
  new WebApp(chart, 'git', { ...common, ports: { ssh: { port: 2222, loadBalancer: { port: 22 } } } });
  return app;
}

describeWithAddon('additional ports', () => {
  const namespace = temporaryNamespace('ports');
  beforeAll(() => apply(write(namespace)));

  test('for HTTP wake the app, and get the requests for their own host', async () => {
    await eventually(() => pods(namespace, 'web').length, count => count === 0, 90);
    const interceptor = 'http://keda-add-ons-http-interceptor-proxy.keda:8080';
    const asked = (host: string) => ({ headers: { host: `${host}.${namespace}.example.com` } });
    expect(await wake(namespace, `${interceptor}/a`, asked('admin'))).toMatchObject({ status: 200, body: '9000/a' });
    expect(await wake(namespace, `${interceptor}/b`, asked('web'))).toMatchObject({ status: 200, body: '8080/b' });
  });

  test('for TCP accept connections from pods of the namespace and from a load balancer', async () => {
    await eventually(() => get(namespace, 'deployment', 'git').status.availableReplicas, count => count === 1);
    expect(await request(namespace, 'http://git:2222/', { patient: true })).toMatchObject([{ status: 200, body: 'tcp' }]);
    const { spec } = get(namespace, 'service', 'git-ssh');
    expect(spec).toMatchObject({ type: 'LoadBalancer', ports: [{ port: 22, targetPort: 'ssh' }] });
    expect(await request(namespace, `http://${spec.clusterIP}:22/`, { patient: true })).toMatchObject([{ body: 'tcp' }]);
    expect(get(namespace, 'scaledobject', 'git').spec.minReplicaCount).toBe(1);
  });
});
