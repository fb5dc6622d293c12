/**
 * The smallest app: an image. It answers at web.apps.example.com, sleeps while nobody uses it, and wakes on the first request.
 */
import { App, Chart } from 'cdk8s';
import { Platform, WebApp } from 'cdk8s-webapp';

const app = new App();
new Platform(app, 'platform', { domain: 'apps.example.com' });

const chart = new Chart(app, 'minimal', { namespace: 'shop' });
new WebApp(chart, 'web', { image: 'ghcr.io/acme/web:1.4.2' });

app.synth();
