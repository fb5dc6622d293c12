/**
 * A new version that gets a tenth of the requests, and those of everybody who asks for it by a header. Raise `weight` step by step; when it has all of them,
 * its image becomes `image`, and `rollout` goes.
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
