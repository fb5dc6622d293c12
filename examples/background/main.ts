/**
 * A shop with work that no customer waits for: e-mails that are sent from a queue by a worker that sleeps while it is empty, pictures that two workers
 * look after all the time, and a report every night.
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
