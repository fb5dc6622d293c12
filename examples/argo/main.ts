/**
 * Apps of a team that runs Argo Rollouts: one moves to a new version in steps that are checked by an analysis, the other has a preview
 * URL first.
 */
import { App, Chart } from 'cdk8s';
import { ArgoStrategy, Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  monitoring: { prometheus: 'http://prometheus.monitoring:9090' },
});

const chart = new Chart(app, 'tickets', { namespace: 'tickets' });
new WebApp(chart, 'booking', {
  image: 'ghcr.io/acme/booking:8.2.0',
  scaling: { min: 4 },
  rollout: {
    argo: {
      steps: [{ setWeight: 25 }, { pause: { duration: '10m' } }, { setWeight: 50 }, { pause: {} }],
      analysis: { successRate: 99.5, latency: '800ms' },
    },
  },
});
new WebApp(chart, 'seats', {
  image: 'ghcr.io/acme/seats:3.0.1',
  rollout: {
    argo: {
      strategy: ArgoStrategy.BLUE_GREEN,
      autoPromotion: '30m',
      previewHosts: ['next-seats.apps.example.com'],
    },
  },
});

app.synth();
