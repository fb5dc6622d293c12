import type { Format } from './format';
import { acorn } from './formats/acorn/acorn';
import { appengine } from './formats/appengine';
import { apprunner } from './formats/apprunner';
import { beanstalk } from './formats/beanstalk';
import { compose } from './formats/compose/compose';
import { containerapps } from './formats/containerapps';
import { digitalocean } from './formats/digitalocean';
import { dockerfile } from './formats/dockerfile';
import { fly } from './formats/fly';
import { heroku } from './formats/heroku';
import { knative } from './formats/knative';
import { kubernetes } from './formats/kubernetes/kubernetes';
import { kubevela } from './formats/kubevela';
import { netlify } from './formats/netlify';
import { render } from './formats/render';
import { score } from './formats/score';
import { vercel } from './formats/vercel';

/** Every format, in the order in which they are tried and converted: the last one adds to the apps of others. */
export const FORMATS: readonly Format[] = [
  acorn, dockerfile, heroku, netlify, fly, vercel, knative, score, kubevela, containerapps, kubernetes, apprunner, appengine, render,
  digitalocean, compose, beanstalk,
];
