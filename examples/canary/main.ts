/**
 * A new version that gets 10 percent of the traffic, and all requests with a certain header. Increase `weight` step by step. Once it
 * gets all the traffic, set `image` to its image and remove `rollout`.
 */
import { App, Chart } from 'cdk8s';
import { Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  gateway: { name: 'public', namespace: 'gateways' },
});

const chart = new Chart(app, 'canary', { namespace: 'prices' });
new WebApp(chart, 'prices', {
  image: 'ghcr.io/acme/prices:2.3.0',
  releaseCommand: { command: ['bin/migrate'] },
  rollout: {
    canary: {
      image: 'ghcr.io/acme/prices:2.4.0',
      weight: 10,
      headers: { 'X-Beta': 'yes' },
    },
  },
});

app.synth();
