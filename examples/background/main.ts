/**
 * A shop with background work: a worker that sends emails from a queue and is scaled to zero while the queue is empty, two workers
 * that process images all the time, and a report every night.
 */
import { App, Chart } from 'cdk8s';
import { Platform, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', { domain: 'apps.example.com', ingress: { className: 'nginx' } });

const chart = new Chart(app, 'shop', { namespace: 'shop' });
const shop = new WebApp(chart, 'shop', {
  image: 'ghcr.io/acme/shop:3.1.0',
  connections: { jobs: { type: 'rabbitmq', secret: 'rabbitmq' } },
  workers: {
    emails: {
      command: ['node', 'emails.js'],
      size: AppSize.XS,
      scaling: { max: 5, triggers: [{ connection: 'jobs', queue: 'emails', target: 20 }], cooldownPeriod: '2m' },
      terminationGracePeriod: '1m',
    },
    images: { command: ['node', 'images.js'], env: { THREADS: '4' }, size: AppSize.M, scaling: { replicas: 2 } },
  },
});

shop.addCronJob('nightly', {
  schedule: '0 3 * * *',
  timezone: 'Europe/Berlin',
  command: ['node', 'report.js'],
  args: ['--of', 'yesterday'],
  deadline: '1h',
  history: { succeeded: 7, failed: 3 },
});

app.synth();
