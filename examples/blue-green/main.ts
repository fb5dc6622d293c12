/**
 * A booking desk whose new version is looked at by its team before the guests get it, all at once, and which can be taken back as fast. While blue
 * answers, green sleeps until somebody opens the preview host.
 */
import { App, Chart } from 'cdk8s';
import { Color, Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  ingress: { className: 'traefik' },
});

const chart = new Chart(app, 'blue-green', { namespace: 'booking' });
new WebApp(chart, 'booking', {
  image: 'ghcr.io/acme/booking:7.1.0',
  scaling: { min: 1, max: 8, concurrency: 40 },
  workers: { confirmations: { command: ['bin/confirm'], scaling: { replicas: 1 } } },
  rollout: {
    blueGreen: {
      active: Color.BLUE,
      green: { image: 'ghcr.io/acme/booking:7.2.0' },
    },
  },
});

app.synth();
