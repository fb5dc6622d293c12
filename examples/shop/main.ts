/**
 * A Django shop whose migrations run before each version. Its settings come from the environment, passwords from Secrets, and it has a
 * configuration file and uploads on a shared volume. It scales on requests in flight and on the CPU that rendering takes.
 */
import { App, Chart } from 'cdk8s';
import { AccessMode, Platform, AppSize, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', {
  domain: 'apps.example.com',
  ingress: { className: 'nginx' },
});

const chart = new Chart(app, 'django-shop', { namespace: 'shop' });
new WebApp(chart, 'shop', {
  image: 'ghcr.io/acme/shop:2024.11.3',
  command: ['gunicorn', 'shop.wsgi', '--config', '/etc/gunicorn.conf.py'],
  port: 8000,
  hosts: ['shop.example.com', 'www.shop.example.com'],
  env: {
    DJANGO_SETTINGS_MODULE: 'shop.settings.production',
    ALLOWED_HOSTS: 'shop.example.com,www.shop.example.com',
  },
  secretEnv: {
    SECRET_KEY: { generate: 50 },
    DATABASE_URL: { secret: 'shop-db', key: 'url' },
  },
  envFromSecrets: ['shop-payment'],
  files: {
    '/etc/gunicorn.conf.py': [
      'bind = "0.0.0.0:8000"',
      'workers = 2',
      'threads = 8',
      'graceful_timeout = 25',
      '',
    ].join('\n'),
  },
  volumes: {
    media: { path: '/srv/media', size: '20Gi', storageClass: 'shared', accessMode: AccessMode.READ_WRITE_MANY },
    cache: { path: '/srv/cache', memory: '64Mi' },
  },
  releaseCommand: { command: ['python', 'manage.py', 'migrate', '--noinput'] },
  size: AppSize.M,
  health: { path: '/healthz/', startupTimeout: '90s' },
  scaling: { min: 1, max: 20, concurrency: 16, cpu: 80 },
  timeouts: { request: '60s' },
});

app.synth();
