import type { Format, Formats } from './format';
import { format } from './format';
import type { Check } from './problem';
import { fault, quoted } from './problem';

/**
 * Names of Kubernetes, DNS and HTTP: what each may look like.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

/**
 * KEDA names an HPA `keda-hpa-<name>`, which must be a DNS label of at most 63 characters: KEDA's admission webhook rejects longer ones.
 */
export const LONGEST_NAME = 63 - 'keda-hpa-'.length;

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const NAMESPACE = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DATA_KEY = /^(?!\.\.|\.$)[-._a-zA-Z0-9]{1,253}$/;
const ENV_NAME = /^[-._a-zA-Z][-._a-zA-Z0-9]*$/;
const SCHEME = /^[a-z]+:\/\//i;

/** The name of a Service or a volume: a DNS label that starts with a letter. */
export function label(most: number): Format {
  return {
    schema: { pattern: LABEL.source, maxLength: most },
    check: value => {
      const example = suggestion(value, most);
      const hint = `use lowercase letters, digits and dashes, starting with a letter, such as ${example}`;
      if (!LABEL.test(value)) return fault(`is ${quoted(value)}, which is not a valid DNS label`, hint);
      if (value.length > most) {
        return fault(
          `is ${quoted(value)}, which has ${value.length} characters`, `use at most ${most} characters, such as ${example}`, 'range',
        );
      }
      return undefined;
    },
  };
}

function suggestion(value: string, most: number): string {
  const near = value.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '').slice(0, most).replace(/-+$/, '');
  return near === '' ? 'web' : near;
}

/** The name of an existing object, which may have dots. */
const objectName: Check = value => {
  if (SUBDOMAIN.test(value) && value.length <= 253) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid object name`, 'use lowercase letters, digits, dashes and dots');
};

/** The name of a namespace: a DNS label that may start with a digit. */
export const namespace: Check = value => {
  if (NAMESPACE.test(value) && value.length <= 63) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid namespace name`, 'use at most 63 lowercase letters, digits and dashes');
};

/** A key in the data of a ConfigMap or a Secret. */
export const dataKey: Check = value => {
  if (DATA_KEY.test(value)) return undefined;
  const hint = /^(\.\.|\.$)/.test(value)
    ? 'use a key that does not start with two dots'
    : 'use letters, digits, dashes, dots and underscores';
  return fault(`is ${quoted(value)}, which is not a valid key of a Secret or ConfigMap`, hint);
};

/** The name of an environment variable that every supported version of Kubernetes accepts. */
const envName: Check = value => {
  if (ENV_NAME.test(value)) return undefined;
  const near = value.toUpperCase().replace(/\W+/g, '_').replace(/^(\d|$)/, 'VAR_$1');
  return fault('is not a valid environment variable name', `use letters, digits and underscores, such as ${near}`);
};

/** A DNS domain under which apps get names. */
const domain: Check = value => {
  const hint = 'use a bare DNS name, such as apps.example.com';
  if (SCHEME.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, hint);
  if (!SUBDOMAIN.test(value) || !value.includes('.') || value.length > 189 || longLabel(value)) {
    return fault(`is ${quoted(value)}, which is not a valid domain`, hint);
  }
  return undefined;
};

/** The suffix of names inside the cluster. Unlike a public domain it may be a single label. */
const clusterDomain: Check = value => {
  if (SUBDOMAIN.test(value) && value.length <= 63) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid domain`, 'use a bare DNS name, such as cluster.local');
};

/** The host name of requests, with `*.` all host names below one, or `*` for all that nobody has, which the platform must allow. */
const host: Check = value => {
  const hint = 'use a bare DNS name, such as shop.example.com or *.shop.example.com';
  if (SCHEME.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, hint);
  if (value.includes('/')) return fault(`is ${quoted(value)}, which has a path`, `${hint}, and put the path in paths`);
  if (/:\d*$/.test(value)) return fault(`is ${quoted(value)}, which has a port`, hint);
  if (/[A-Z]/.test(value)) return fault(`is ${quoted(value)}, which has uppercase letters`, `use ${value.toLowerCase()}`);
  const name = value.replace(/^\*\./, '');
  if (value === '*') return undefined;
  if (!SUBDOMAIN.test(name) || value.length > 253 || longLabel(name)) {
    return fault(`is ${quoted(value)}, which is not a valid DNS name`, hint);
  }
  if (/^[\d.]+$/.test(name)) return fault(`is ${quoted(value)}, which is an IP address`, hint);
  if (!name.includes('.')) return fault(`is ${quoted(value)}, which has no domain`, hint);
  return undefined;
};

function longLabel(name: string): boolean {
  return name.split('.').some(part => part.length > 63);
}

/** A path that every ingress controller and gateway takes as a prefix, unchanged. */
const urlPath: Check = value => {
  const hint = 'use a path of letters, digits, -, _ and ., such as / or /api/v1';
  if (!value.startsWith('/')) {
    return fault(`is ${quoted(value)}, which does not start with a slash`, `use /${value.replace(/[^\w./-]/g, '')}`);
  }
  if (!/^[A-Za-z0-9._/-]{1,1024}$/.test(value)) return fault(`is ${quoted(value)}, which is not a valid path`, hint);
  if (value.includes('//') || /\/\.{1,2}(\/|$)/.test(value)) return fault(`is ${quoted(value)}, which routers rewrite`, hint);
  return undefined;
};

/** The path of a health check. Unlike a route it may have a query. */
const requestPath: Check = value => {
  if (/^\/[!-~]*$/.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid path`, 'use a path that starts with a slash, such as /healthz');
};

/**
 * An absolute path in a container, as long as Linux allows.
 *
 * @see https://man7.org/linux/man-pages/man7/path_resolution.7.html
 */
const filePath: Check = value => {
  const hint = 'use an absolute path, such as /etc/app/config.yaml';
  if (!value.startsWith('/')) return fault(`is ${quoted(value)}, which is not absolute`, `use /${value.replace(/^\.?\/*/, '')}`);
  if (value.endsWith('/') || value.includes('//') || value.includes(':') || /\/\.{1,2}(\/|$)/.test(value) || /[\0\n]/.test(value)) {
    return fault(`is ${quoted(value)}, which is not a valid file path`, hint);
  }
  if (Buffer.byteLength(value) > 4095 || value.split('/').some((name: string) => Buffer.byteLength(name) > 255)) {
    return fault(`is ${quoted(value)}, which is too long`, 'use at most 255 bytes between two slashes, and 4095 in total', 'range');
  }
  return undefined;
};

export const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/;

export const INVALID_HEADER = fault('is not a valid header name', 'use a name such as X-Tenant');

const headerName: Check = value => {
  if (!HEADER_NAME.test(value)) return INVALID_HEADER;
  if (/^host$/i.test(value)) return fault('cannot be matched as a header', 'name the host in hosts');
  return undefined;
};

const HEADER_VALUE = /^[!-~]([ -~]*[!-~])?$/;
const headerValue: Check = value => {
  if (value.length <= 4096 && HEADER_VALUE.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid header value`, 'use at most 4096 printable ASCII characters');
};

const PATH_OF_IMAGE = '(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\\d+)?/)?[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)*';
const REPOSITORY = new RegExp(`^${PATH_OF_IMAGE}$`);
const REFERENCE = /^([^@]*?)(?::([\w][\w.-]{0,127}))?(@sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128}))?$/;
const IMAGE_PATTERN = `^${PATH_OF_IMAGE}(?::\\w[\\w.-]{0,127})?(?:@sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128}))?$`;

const image: Check = value => {
  const hint = 'use a reference such as ghcr.io/acme/web:1.4.2';
  if (value === '') return fault('is empty', hint);
  if (/\s/.test(value)) return fault(`is ${quoted(value)}, which has a space`, hint);
  if (SCHEME.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, `use ${value.replace(SCHEME, '')}`);
  const parts = REFERENCE.exec(value);
  if (!parts || !REPOSITORY.test(parts[1])) return fault(`is ${quoted(value)}, which is not a valid image reference`, hint);
  return undefined;
};

/** An image reference without a tag or digest. */
const repository: Check = value => {
  const [, name, tag, digest] = REFERENCE.exec(value) ?? [];
  if (tag !== undefined || digest !== undefined) {
    return fault(`is ${quoted(value)}, which has a ${digest === undefined ? 'tag' : 'digest'}`, `use ${name}`);
  }
  return image(value);
};

/** Whether a reference uses a mutable tag: the image behind it can change without the reference changing. */
export function isFloating(reference: string): boolean {
  const [, , tag, digest] = REFERENCE.exec(reference) ?? [];
  return digest === undefined && (tag === undefined || tag === 'latest');
}

const QUALIFIED = new RegExp(
  '^(?:([a-z0-9]([-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)\\/)?([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$',
);

/** The key of a label or an annotation. */
const qualifiedName: Check = value => {
  // cdk8s takes an object with such a key for one of a class, and does not write it.
  if (value === 'constructor') return fault('is a key that cdk8s cannot write', 'add a prefix, such as example.com/constructor');
  const match = QUALIFIED.exec(value);
  if (match && (match[1]?.length ?? 0) <= 253) return undefined;
  return fault('is not a valid key of a label or annotation', 'use a key such as team or example.com/team');
};

/** The key of a label of the user's own. Labels that select pods must stay the same for the life of an app. */
const labelKey: Check = value => {
  if (/^app\.kubernetes\.io\/(name|component|managed-by)$/.test(value)) {
    return fault('is reserved: it selects the app\'s pods', 'use another key, such as example.com/name');
  }
  return qualifiedName(value);
};

const LABEL_VALUE = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const labelValue: Check = value => {
  if (LABEL_VALUE.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid label value`, 'use at most 63 letters, digits, dashes, dots and underscores');
};

const HOST_AND_PORT = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?:\d{1,5}$/;
const hostAndPort: Check = value => {
  if (HOST_AND_PORT.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid address`, 'use host:port, such as keda-add-ons-http-external-scaler.keda:9090');
};

const notEmpty: Check = value => value === '' ? fault('is empty', 'use at least one character, or remove it', 'range') : undefined;

export const NAMES: Formats = {
  label: most => label(Number(most)),
  appName: () => label(LONGEST_NAME),
  objectName: format(objectName, { pattern: SUBDOMAIN.source, maxLength: 253 }),
  namespace: format(namespace, { pattern: NAMESPACE.source, maxLength: 63 }),
  dataKey: format(dataKey, { pattern: DATA_KEY.source }),
  envName: format(envName, { pattern: ENV_NAME.source }),
  domain: format(domain, { pattern: SUBDOMAIN.source.replace(/\*\$$/, '+$'), maxLength: 189 }),
  clusterDomain: format(clusterDomain, { pattern: SUBDOMAIN.source, maxLength: 63 }),
  host: format(host, { pattern: `^\\*$|${SUBDOMAIN.source.replace('^', '^(\\*\\.)?').replace(/\*\$$/, '+$')}`, maxLength: 253 }),
  urlPath: format(urlPath, { pattern: '^/[A-Za-z0-9._/-]*$', maxLength: 1024 }),
  requestPath: format(requestPath, { pattern: '^/[!-~]*$' }),
  filePath: format(filePath, { pattern: '^/[^:]*[^:/]$' }),
  headerName: format(headerName, { pattern: HEADER_NAME.source }),
  headerValue: format(headerValue, { pattern: HEADER_VALUE.source, maxLength: 4096 }),
  image: format(image, { pattern: IMAGE_PATTERN }),
  repository: format(repository, { pattern: REPOSITORY.source }),
  qualifiedName: format(qualifiedName, { pattern: QUALIFIED.source }),
  labelKey: format(labelKey, { pattern: QUALIFIED.source }),
  labelValue: format(labelValue, { pattern: LABEL_VALUE.source }),
  hostAndPort: format(hostAndPort, { pattern: HOST_AND_PORT.source }),
  notEmpty: format(notEmpty, { minLength: 1 }),
};
