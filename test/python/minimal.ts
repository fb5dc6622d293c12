/** The twin of minimal.py: what both write must be the same to the byte. */
import { App, Chart } from 'cdk8s';
import { Platform, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App({ outdir: process.argv[2] });
new Platform(app, 'platform', { domain: 'apps.example.com', ingress: { className: 'nginx' } });

const chart = new Chart(app, 'shop', { namespace: 'shop' });
const web = new WebApp(chart, 'web', { image: 'ghcr.io/acme/web:1.4.2' });
web.addEnv('GREETING', 'hello');

new WebApp(chart, 'api', {
  image: 'ghcr.io/acme/api:2.0.0',
  size: AppSize.M,
  secretEnv: { DATABASE_URL: { secret: 'db', key: 'url' }, SESSION_KEY: { generate: 32 } },
  secretFiles: { '/etc/api/tls.key': { secret: 'api-tls', key: 'tls.key' } },
  files: { '/etc/motd': 'hello\n' },
  scaling: { concurrency: 20, cpu: 80, schedule: [{ start: '0 8 * * 1-5', end: '0 18 * * 1-5', replicas: 2 }] },
});

app.synth();
