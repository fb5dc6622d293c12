import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const HTTP_ADDRESS = /^https?:\/\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?(:\d{1,5})?(\/[\w./-]*)?$/;
const httpAddress: Check = value => {
  if (HTTP_ADDRESS.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid URL of an API`, 'use a URL such as http://prometheus.monitoring:9090');
};

/** Fields of VictoriaLogs have dots, and labels of Loki do not: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels */
const LOG_LABEL = /^[a-zA-Z_][a-zA-Z0-9_.]*$/;
const logLabel: Check = value => {
  if (LOG_LABEL.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid label`, 'use letters, digits, _ and ., such as k8s_pod_name');
};

/** https://grafana.com/docs/loki/latest/operations/multi-tenancy/ and https://docs.victoriametrics.com/victorialogs/#multitenancy */
const LOG_TENANT = /^[\w!.*'():|-]{1,150}$/;
const logTenant: Check = value => {
  if (LOG_TENANT.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid tenant`, 'use the ID of a tenant, such as shop or 1:2');
};

const price: Check = value => (
  value >= 0 && value <= 1000 ? undefined : fault(`is ${value}`, 'use the price of an hour, from 0 to 1000, such as 0.0315', 'range'));

const CURRENCY = /^[A-Z]{3}$/;
const currency: Check = value => {
  if (CURRENCY.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a code of a currency`, 'use three capital letters, such as EUR');
};

export const MONITORING_FORMATS: Formats = {
  logLabel: format(logLabel, { pattern: LOG_LABEL.source }),
  logTenant: format(logTenant, { pattern: LOG_TENANT.source }),
  price: format(price, { minimum: 0, maximum: 1000 }),
  currency: format(currency, { pattern: CURRENCY.source }),
  httpAddress: format(httpAddress, { pattern: HTTP_ADDRESS.source }),
};
