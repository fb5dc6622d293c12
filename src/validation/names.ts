import type { Check } from './problem';
import { fault, quoted } from './problem';

/**
 * Names of Kubernetes, of DNS and of HTTP: what each may look like.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */

const LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** A name of a Service or of a volume, a DNS label that begins with a letter. */
export function label(most: number): Check {
  return value => {
    const example = suggestion(value, most);
    const hint = `write lower-case letters, digits and dashes, beginning with a letter, such as ${example}`;
    if (!LABEL.test(value)) return fault(`is ${quoted(value)}, which is no DNS name`, hint);
    if (value.length > most) return fault(`is ${quoted(value)}, which has ${value.length} characters`, `write at most ${most}, such as ${example}`, 'range');
    return undefined;
  };
}

function suggestion(value: string, most: number): string {
  const near = value.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase().replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '').slice(0, most).replace(/-+$/, '');
  return near === '' ? 'web' : near;
}

/** A name of an object that already exists, which may have dots. */
export const objectName: Check = value => {
  if (!SUBDOMAIN.test(value) || value.length > 253) {
    return fault(`is ${quoted(value)}, which no object can be named`, 'write lower-case letters, digits, dashes and dots');
  }
  return undefined;
};

/** A name of a namespace, a DNS label that may begin with a digit. */
export const namespace: Check = value => {
  if (!/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(value) || value.length > 63) {
    return fault(`is ${quoted(value)}, which no namespace can be named`, 'write lower-case letters, digits and dashes, at most 63');
  }
  return undefined;
};

/** A key of a ConfigMap's or a Secret's data. */
export const dataKey: Check = value => {
  if (!/^[-._a-zA-Z0-9]{1,253}$/.test(value)) return fault(`is ${quoted(value)}, which no key can be`, 'write letters, digits, dashes, dots and underscores');
  return undefined;
};

/** A name of an environment variable that every supported version of Kubernetes takes. */
export const envName: Check = value => {
  if (!/^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(value)) {
    return fault('is no name of an environment variable', `write letters, digits and underscores, such as ${value.toUpperCase().replace(/\W+/g, '_').replace(/^(\d|$)/, 'VAR_$1')}`);
  }
  return undefined;
};

/** A DNS domain, below which names are made. */
export const domain: Check = value => {
  const hint = 'write a bare DNS name, such as apps.example.com';
  if (/^[a-z]+:\/\//i.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, hint);
  if (!SUBDOMAIN.test(value) || !value.includes('.') || value.length > 189 || longLabel(value)) return fault(`is ${quoted(value)}, which is no domain`, hint);
  return undefined;
};

/** The end of names inside of the cluster; unlike a public domain it may be one label. */
export const clusterDomain: Check = value => {
  if (!SUBDOMAIN.test(value) || value.length > 63) return fault(`is ${quoted(value)}, which is no domain`, 'write a bare DNS name, such as cluster.local');
  return undefined;
};

/** A host that requests can name, or all below one with `*.`. */
export const host: Check = value => {
  const hint = 'write a bare DNS name, such as shop.example.com or *.shop.example.com';
  if (/^[a-z]+:\/\//i.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, hint);
  if (value.includes('/')) return fault(`is ${quoted(value)}, which has a path`, `${hint}, and the path in paths`);
  if (/:\d*$/.test(value)) return fault(`is ${quoted(value)}, which has a port`, hint);
  if (/[A-Z]/.test(value)) return fault(`is ${quoted(value)}, which has capitals`, `write ${value.toLowerCase()}`);
  const name = value.replace(/^\*\./, '');
  if (value === '*') return fault('is "*", which would take the traffic of every host that no other app has', hint);
  if (!SUBDOMAIN.test(name) || value.length > 253 || longLabel(name)) return fault(`is ${quoted(value)}, which is no DNS name`, hint);
  if (/^[\d.]+$/.test(name)) return fault(`is ${quoted(value)}, which is an address`, hint);
  if (!name.includes('.')) {
    return fault(`is ${quoted(value)}, which has no domain`, hint);
  }
  return undefined;
};

function longLabel(name: string): boolean {
  return name.split('.').some(part => part.length > 63);
}

/** A path that every ingress controller and gateway takes as a prefix, as it is. */
export const urlPath: Check = value => {
  const hint = 'write a path of letters, digits, -, _ and ., such as / or /api/v1';
  if (!value.startsWith('/')) return fault(`is ${quoted(value)}, which has no slash at its start`, `write /${value.replace(/[^\w./-]/g, '')}`);
  if (!/^[A-Za-z0-9._/-]{1,1024}$/.test(value)) return fault(`is ${quoted(value)}, which is no plain path`, hint);
  if (value.includes('//') || /\/\.{1,2}(\/|$)/.test(value)) return fault(`is ${quoted(value)}, which routers rewrite`, hint);
  return undefined;
};

/** A path of a health check: unlike a route it may have a query. */
export const requestPath: Check = value => {
  if (!/^\/[!-~]*$/.test(value)) return fault(`is ${quoted(value)}, which is no path`, 'write one that begins with a slash, such as /healthz');
  return undefined;
};

/** An absolute path in a container. */
export const filePath: Check = value => {
  const hint = 'write an absolute path, such as /etc/app/config.yaml';
  if (!value.startsWith('/')) return fault(`is ${quoted(value)}, which is not absolute`, `write /${value.replace(/^\.?\/*/, '')}`);
  if (value.endsWith('/') || value.includes('//') || value.includes(':') || /\/\.{1,2}(\/|$)/.test(value) || /[\0\n]/.test(value)) return fault(`is ${quoted(value)}, which is no plain path`, hint);
  return undefined;
};

export const headerName: Check = value => {
  if (!/^[A-Za-z0-9!#$%&'*+\-.^_`|~]{1,256}$/.test(value)) return fault('is no name of a header', 'write one such as X-Tenant');
  if (/^host$/i.test(value)) return fault('is not told apart by its header', 'name the host in hosts');
  return undefined;
};

export const headerValue: Check = value => {
  if (value === '' || value.length > 4096 || !/^[!-~]([ -~]*[!-~])?$/.test(value)) return fault(`is ${quoted(value)}, which a router cannot match`, 'write the value that the header has, in plain characters');
  return undefined;
};

const REPOSITORY = /^(?:[A-Za-z0-9][A-Za-z0-9.-]*(?::\d+)?\/)?[a-z0-9][a-z0-9._-]*(?:\/[a-z0-9][a-z0-9._-]*)*$/;
const REFERENCE = /^([^@]*?)(?::([\w][\w.-]{0,127}))?(@sha(?:256:[a-f0-9]{64}|512:[a-f0-9]{128}))?$/;

export const image: Check = value => {
  const hint = 'write one such as ghcr.io/acme/web:1.4.2';
  if (value === '') return fault('is empty', hint);
  if (/\s/.test(value)) return fault(`is ${quoted(value)}, which has a space`, hint);
  if (/^[a-z]+:\/\//i.test(value)) return fault(`is ${quoted(value)}, which has a scheme`, `write ${value.replace(/^[a-z]+:\/\//i, '')}`);
  const parts = REFERENCE.exec(value);
  if (!parts || !REPOSITORY.test(parts[1])) return fault(`is ${quoted(value)}, which is no image`, hint);
  return undefined;
};

/** An image's name without a version. */
export const repository: Check = value => {
  const [, name, tag, digest] = REFERENCE.exec(value) ?? [];
  if (tag !== undefined || digest !== undefined) return fault(`is ${quoted(value)}, which has a ${digest === undefined ? 'tag' : 'digest'}`, `write ${name}`);
  return image(value);
};

/** Whether an image can become another one without its name changing. */
export function isFloating(reference: string): boolean {
  const [, , tag, digest] = REFERENCE.exec(reference) ?? [];
  return digest === undefined && (tag === undefined || tag === 'latest');
}

const QUALIFIED = /^(?:([a-z0-9]([-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)\/)?([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)$/;

/** A key of a label or an annotation. */
export const qualifiedName: Check = value => {
  const match = QUALIFIED.exec(value);
  if (!match || (match[1]?.length ?? 0) > 253) return fault('is no key of a label or an annotation', 'write one such as team or example.com/team');
  return undefined;
};

export const labelValue: Check = value => {
  if (!/^([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
    return fault(`is ${quoted(value)}, which no label can be`, 'write at most 63 letters, digits, dashes, dots and underscores');
  }
  return undefined;
};

export const notEmpty: Check = value => value === '' ? fault('is empty', 'write something, or leave it away') : undefined;
