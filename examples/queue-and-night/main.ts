/**
 * An app that renders invoices: requests and its queue wake it, two replicas are ready during office hours, and it may sleep at night.
 */
import { App, Chart } from 'cdk8s';
import { Platform, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', { domain: 'apps.example.com', ingress: { className: 'traefik' } });

const chart = new Chart(app, 'invoices', { namespace: 'billing' });
new WebApp(chart, 'invoices', {
  image: 'ghcr.io/acme/invoices:5.2.0',
  size: AppSize.M,
  secretEnv: { AMQP_URL: { secret: 'rabbitmq', key: 'url' } },
  scaling: {
    max: 12,
    concurrency: 20,
    triggers: [{
      type: 'rabbitmq',
      metadata: { queueName: 'invoices', mode: 'QueueLength', value: '20' },
      authentication: { secrets: { host: { secret: 'rabbitmq', key: 'url' } } },
    }],
    schedule: [{ start: '0 8 * * 1-5', end: '0 18 * * 1-5', timezone: 'Europe/Berlin', replicas: 2 }],
    cooldownPeriod: '10m',
    fallback: 2,
  },
});

app.synth();
