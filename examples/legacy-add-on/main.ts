/**
 * A cluster with a KEDA HTTP add-on older than 0.14, on an older Kubernetes, behind the AWS load balancer. The apps look the same as
 * anywhere else; only the output differs.
 */
import { App, Chart } from 'cdk8s';
import { HttpAddonApi, Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'legacy.example.com',
  kubernetesVersion: '1.26',
  httpAddon: { api: HttpAddonApi.V1ALPHA1, namespace: 'keda-system' },
  ingress: { className: 'alb', annotations: { 'alb.ingress.kubernetes.io/scheme': 'internet-facing' } },
  tls: {},
});

const chart = new Chart(app, 'legacy', { namespace: 'intranet' });
new WebApp(chart, 'wiki', {
  image: 'ghcr.io/acme/wiki:0.9.1',
  health: { path: '/status' },
});
new WebApp(chart, 'search', {
  image: 'ghcr.io/acme/search:0.9.1',
  paths: ['/search'],
  hosts: ['wiki.legacy.example.com'],
  scaling: { concurrency: 50, cpu: 70 },
});

app.synth();
