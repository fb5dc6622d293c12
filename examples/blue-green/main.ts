/**
 * A booking app whose new version is tested by its team before all guests get it at once, with a fast way back. While blue is active,
 * green sleeps until someone opens the preview URL.
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
