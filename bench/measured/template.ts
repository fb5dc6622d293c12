import { App, Chart } from 'cdk8s';
import { NAMESPACE, TEMPLATE } from './contender';
import { contender } from './webapp';

/** Prints the objects of one app, for the raw replay. */
const app = new App();
const create = contender.prepare(app, [TEMPLATE]);
const chart = new Chart(app, 'chart', { namespace: NAMESPACE });
create(chart, TEMPLATE);
console.log(JSON.stringify(chart.toJson()));
