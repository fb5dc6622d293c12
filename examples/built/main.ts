/**
 * An app that the cluster builds from Git, with a page for visitors who wait for a cold start, and metrics for Prometheus.
 */
import { App, Chart } from 'cdk8s';
import { BuildStrategy, Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  ingress: { className: 'nginx' },
  imagePullSecrets: ['registry'],
  monitoring: { labels: { release: 'kube-prometheus-stack' }, namespace: 'monitoring' },
  builds: { strategies: { dockerfile: 'buildkit' } },
});

new WebApp(new Chart(app, 'wiki', { namespace: 'wiki' }), 'wiki', {
  buildFrom: {
    git: 'https://github.com/acme/wiki',
    revision: '3f1d2c4b5a69788796a5b4c3d2e1f00f1e2d3c4b',
    strategy: BuildStrategy.DOCKERFILE,
    context: 'server',
    image: 'ghcr.io/acme/wiki',
    pushSecret: 'registry',
    timeout: '15m',
  },
  metrics: { port: 9100 },
  coldStart: {
    placeholder: { body: '<!doctype html><meta http-equiv="refresh" content="2"><p>The wiki is waking up…</p>' },
  },
});

app.synth();
