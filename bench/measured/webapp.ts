import { Contender, DOMAIN, IMAGE } from './contender';
import { Platform, WebApp } from 'cdk8s-webapp';

/** This library. */
export const contender: Contender = {
  prepare(app) {
    new Platform(app, 'platform', { domain: DOMAIN });
    return (chart, name) => new WebApp(chart, name, { image: IMAGE });
  },
};
