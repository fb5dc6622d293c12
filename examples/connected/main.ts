/**
 * A shop and what it depends on: its own PostgreSQL, an existing Redis and RabbitMQ, and an API in another namespace that sleeps until
 * the shop calls it. A second app processes the queue, and sleeps while the queue is empty.
 */
import { App, Chart } from 'cdk8s';
import { Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  ingress: { className: 'nginx' },
  connections: {
    'team-postgres': { type: 'postgres', postgres: { instances: 3, storageClass: 'fast' } },
  },
});

const chart = new Chart(app, 'shop', { namespace: 'shop' });
const shop = new WebApp(chart, 'shop', {
  image: 'ghcr.io/acme/shop:3.1.0',
  connections: {
    db: { type: 'team-postgres', postgres: { storage: '20Gi' } },
    cache: { type: 'redis', secret: 'redis', url: 'redis://:$(password)@$(host):6379/0' },
    jobs: { type: 'rabbitmq', secret: 'rabbitmq' },
    payment: { type: 'secret', secret: 'stripe', variables: { STRIPE_KEY: 'api-key' } },
  },
});

new WebApp(chart, 'mailer', {
  image: 'ghcr.io/acme/mailer:1.4.0',
  internal: true,
  connections: { jobs: { type: 'rabbitmq', secret: 'rabbitmq' } },
  scaling: { triggers: [{ connection: 'jobs', queue: 'emails', target: 20 }] },
});

const api = new WebApp(new Chart(app, 'prices', { namespace: 'prices' }), 'prices', { image: 'ghcr.io/acme/prices:2.0.3', internal: true });
shop.connect(api);

app.synth();
