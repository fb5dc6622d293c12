/**
 * A gRPC service behind a Gateway: HTTP/2 all the way, with a gRPC health check. A header distinguishes it from the REST API on the
 * same host.
 */
import { App, Chart } from 'cdk8s';
import { Platform, AppProtocol, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  gateway: { name: 'public', namespace: 'gateways', sectionName: 'https', httpSectionName: 'http' },
  tls: {},
});

const chart = new Chart(app, 'grpc', { namespace: 'catalog' });
new WebApp(chart, 'catalog', {
  image: 'ghcr.io/acme/catalog:3.1.0',
  port: 50051,
  protocol: AppProtocol.HTTP2,
  hosts: ['api.example.com'],
  headers: { 'content-type': 'application/grpc' },
  health: { grpc: true },
  size: AppSize.XS,
  scaling: { concurrency: 200, cooldownPeriod: '15m' },
});
new WebApp(chart, 'catalog-rest', {
  image: 'ghcr.io/acme/catalog-rest:3.1.0',
  hosts: ['api.example.com'],
  paths: ['/catalog/v1', '/search/v1'],
  scaling: { requestRate: 50, window: '30s' },
});

app.synth();
