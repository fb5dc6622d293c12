/**
 * What a platform team decides once for the apps of several teams: the ingress, certificates, where pods run, the defaults of apps.
 * The apps themselves have no Kubernetes settings.
 */
import { App, Chart } from 'cdk8s';
import { Platform, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.acme.dev',
  ingress: { className: 'nginx', controllerNamespace: 'ingress-nginx' },
  tls: { clusterIssuer: 'letsencrypt', redirect: true },
  kubernetesVersion: '1.32',
  imagePullSecrets: ['acme-registry'],
  labels: { 'acme.dev/cost-center': 'web' },
  scheduling: {
    nodeSelector: { 'acme.dev/pool': 'apps' },
    tolerations: [{ key: 'acme.dev/pool', value: 'apps', effect: 'NoSchedule' }],
    priorityClass: 'customer-facing',
  },
  appDefaults: {
    size: AppSize.S,
    scaling: { max: 5 },
    health: { startupTimeout: '60s' },
  },
  syncWaves: true,
});

const storefront = new Chart(app, 'storefront', { namespace: 'storefront' });
new WebApp(storefront, 'web', {
  image: 'registry.acme.dev/storefront/web:7.12.0',
  hosts: ['www.acme.dev', 'acme.dev'],
  tls: { secretName: 'acme-dev-wildcard' },
  size: AppSize.L,
  scaling: { min: 2, max: 40 },
});
new WebApp(storefront, 'cart', {
  image: 'registry.acme.dev/storefront/cart:7.12.0',
  internal: true,
  secretEnv: { REDIS_URL: { secret: 'cart-redis', key: 'url' } },
});

const backoffice = new Chart(app, 'backoffice', { namespace: 'backoffice' });
new WebApp(backoffice, 'reports', {
  image: 'registry.acme.dev/backoffice/reports:1.9.4',
  coldStart: {
    placeholder: { body: '<!doctype html><meta http-equiv="refresh" content="2"><p>Reports is waking up…</p>' },
  },
  serviceAccount: { annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::123456789012:role/reports' } },
});
new WebApp(backoffice, 'archive', {
  image: 'registry.acme.dev/backoffice/archive:0.9.0',
  maintenance: { body: '<!doctype html><h1>The archive is moving</h1><p>It is back at noon.</p>' },
});
new WebApp(backoffice, 'status', {
  image: 'registry.acme.dev/backoffice/status:2.0.1',
  scaling: { replicas: 2 },
});

app.synth();
