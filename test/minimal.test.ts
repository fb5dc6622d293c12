import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { schemaErrors } from './schemas';
import { synth } from './synth';
import { Platform, WebApp } from 'cdk8s-webapp';

describe('the minimal public app', () => {
  test('is the YAML in minimal.yaml, which contains nothing superfluous', () => {
    const app = new App();
    new Platform(app, 'platform', { domain: 'apps.example.com' });
    const chart = new Chart(app, 'shop', { namespace: 'shop' });
    new WebApp(chart, 'web', { image: 'ghcr.io/acme/web:1.4.2' });

    expect(app.synthYaml()).toBe(readFileSync(join(__dirname, 'minimal.yaml'), 'utf8'));
  });

  test('writes its objects in the order in which they are needed', () => {
    expect(synth().list).toEqual([
      'ServiceAccount web', 'Service web', 'Deployment web', 'PodDisruptionBudget web', 'NetworkPolicy web',
      'InterceptorRoute web', 'ScaledObject web', 'Service web-proxy', 'Ingress web',
    ]);
  });

  test('matches the schemas of a real API server', () => {
    expect(synth().all.flatMap(schemaErrors)).toEqual([]);
  });
});

describe('docs/what-it-writes.md', () => {
  test('contains the same YAML', () => {
    expect(readFileSync(join(__dirname, '../docs/what-it-writes.md'), 'utf8')).toContain(
      readFileSync(join(__dirname, 'minimal.yaml'), 'utf8'),
    );
  });
});
