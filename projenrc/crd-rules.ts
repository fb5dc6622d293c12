/**
 * Rules of the library that the API server checks itself, written in CEL: those that are about an app's own props and not about its
 * platform. They refuse nothing that the library accepts, and say what it says; tests compare both. The rest is said by the operator.
 *
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules
 */
import type { ProblemCode } from '../src/validation/problem';

export interface CrdRule {
  /** The path of what `self` is, with `[]` for the items of a list, `*` for the values of a map; empty for the props themselves. */
  readonly at: string;

  /** The prop in it that the problem is about; empty for the value itself. */
  readonly prop: string;

  /** When it is wrong, in CEL. */
  readonly when: string;

  /** What is wrong, and what to write, with `%s` for each of the values. */
  readonly message: string;
  readonly hint: string;
  readonly code: ProblemCode;

  /** What stands for each `%s` of the message and the hint, in CEL. */
  readonly values: readonly string[];
}

type Row = [when: string, prop: string, message: string, hint: string, code?: ProblemCode, values?: readonly string[]];

function at(path: string, ...rows: Row[]): CrdRule[] {
  return rows.map(([when, prop, message, hint, code = 'conflict', values = []]) => ({ at: path, prop, when, message, hint, code, values }));
}

const ONE_OF_THEM = 'remove one of them';
const INTERNAL = 'has(self.internal) && self.internal';
const WEB = '!(has(self.web) && !self.web)';
const NOT_SHARED = 'cannot be combined with internal: the app does not share its host';

/** A map that has the variable PORT. */
function reserved(prop: string): Row {
  const when = `has(self.${prop}) && 'PORT' in self.${prop} && ${WEB}`;
  return [when, `${prop}.PORT`, 'is reserved: the app always gets it', 'set port', 'duplicate'];
}

function empty(prop: string, what: string): Row {
  return [`has(self.${prop}) && size(self.${prop}) == 0`, prop, 'is empty', `add at least one ${what}, or remove it`, 'range'];
}

const OTHER_SCALING = [
  'cooldownPeriod', 'cpu', 'fallback', 'max', 'memory', 'min', 'schedule', 'triggers', 'concurrency', 'requestRate', 'window',
];

/**
 * The names of those props that are there, with commas between them, as one value for each. The API server takes formatted values, but no
 * list that is joined: it estimates that as too expensive.
 */
function enumerated(props: readonly string[]): string[] {
  return props.map((prop, i) => {
    const earlier = props.slice(0, i).map(other => `has(self.${other})`).join(' || ');
    return `has(self.${prop}) ? ${i === 0 ? `'${prop}'` : `(${earlier} ? ', ${prop}' : '${prop}')`} : ''`;
  });
}

const TLS: Row = [
  'has(self.clusterIssuer) && has(self.secretName)', '', 'has both a clusterIssuer and a secretName', ONE_OF_THEM,
];

const IMAGE_USER = ['runAsUser', 'runAsGroup'].map((other, i): Row => [
  `has(self.runAsImageUser) && self.runAsImageUser && has(self.${other})${i === 0 ? '' : ' && !has(self.runAsUser)'}`,
  'runAsImageUser', `cannot be combined with ${other}`, ONE_OF_THEM,
]);

export const WEB_APP_RULES: readonly CrdRule[] = [
  ...at('',
    ['has(self.image) && has(self.buildFrom)', 'buildFrom', 'cannot be combined with image', ONE_OF_THEM],
    [`!has(self.image) && !has(self.buildFrom) && ${WEB} && !(has(self.rollout) && has(self.rollout.blueGreen))`, 'image',
      'is missing', 'set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom', 'missing'],
    [`has(self.hosts) && ${INTERNAL}`, 'hosts', 'cannot be combined with internal', ONE_OF_THEM],
    [`has(self.hosts) && size(self.hosts) == 0 && !(${INTERNAL})`, 'hosts',
      'is empty', 'add at least one host, or set internal: true', 'range'],
    [`has(self.paths) && ${INTERNAL}`, 'paths', NOT_SHARED, ONE_OF_THEM],
    empty('paths', 'path'),
    [`has(self.exactPaths) && ${INTERNAL}`, 'exactPaths', NOT_SHARED, ONE_OF_THEM],
    empty('exactPaths', 'path'),
    [`has(self.headers) && size(self.headers) > 0 && ${INTERNAL}`, 'headers', NOT_SHARED, ONE_OF_THEM],
    [`has(self.replacePrefixMatch) && ${INTERNAL}`, 'replacePrefixMatch',
      'cannot be combined with internal: callers inside the cluster use the app\'s own paths', ONE_OF_THEM],
    ['has(self.replacePrefixMatch) && has(self.exactPaths)', 'replacePrefixMatch',
      'cannot be combined with exactPaths, which have no prefix', ONE_OF_THEM],
    [`has(self.access) && ${INTERNAL}`, 'access',
      'cannot be combined with internal: callers inside the cluster do not pass the ingress controller or gateway', ONE_OF_THEM],
    [`has(self.http) && ${INTERNAL}`, 'http',
      'cannot be combined with internal: only an ingress controller or gateway does what it says', ONE_OF_THEM],
    [`has(self.tls) && ${INTERNAL}`, 'tls', 'cannot be combined with internal: the app has no public host', ONE_OF_THEM],
    reserved('env'),
    reserved('secretEnv'),
    reserved('configMapEnv'),
    ['has(self.buildFrom) && has(self.rollout) && has(self.rollout.canary) && has(self.rollout.canary.steps)', 'buildFrom',
      'cannot be combined with rollout.canary.steps, which need the image', 'build the image first, and set image'],
  ),
  ...at('access',
    ['!has(self.allow) && !has(self.password) && !has(self.signIn)', '',
      'is empty, so everyone is let in', 'set allow, password or signIn, or remove it', 'missing'],
    ['has(self.allow) && size(self.allow) == 0', 'allow',
      'is empty, so nobody is let in', 'add at least one range, or remove it', 'range'],
    ['has(self.password) && has(self.signIn)', 'password',
      'cannot be combined with signIn, as both use the header Authorization', ONE_OF_THEM],
  ),
  ...at('buildFrom',
    ['has(self.dockerfile) && !(has(self.strategy) && self.strategy == \'dockerfile\')', 'dockerfile',
      'has no effect with buildpacks', 'set strategy: dockerfile, or remove it'],
  ),
  ...at('health', ['has(self.path) && has(self.grpc) && self.grpc', 'grpc', 'cannot be combined with path', ONE_OF_THEM]),
  ...at('rollout', ['has(self.canary) && has(self.blueGreen)', 'blueGreen', 'cannot be combined with canary', ONE_OF_THEM]),
  ...at('rollout.canary',
    ['!has(self.image) && !has(self.steps)', 'image',
      'is missing', 'set the image of the canary, or set steps in which a new image of the app gets the traffic', 'missing'],
    ['has(self.image) && has(self.steps)', 'image',
      'cannot be combined with steps, in which a new image of the app gets the traffic', ONE_OF_THEM],
    ['has(self.weight) && has(self.steps)', 'weight', 'cannot be combined with steps, which set it', ONE_OF_THEM],
    ['has(self.analysis) && !has(self.steps)', 'analysis', 'has no effect without steps', 'set steps, or remove it'],
    ['has(self.steps) && size(self.steps) == 0', 'steps',
      'is empty', 'add steps such as [{ setWeight: 10 }, { pause: { duration: 10m } }]', 'range'],
  ),
  ...at('rollout.canary.steps[]',
    ['!has(self.setWeight) && !has(self.pause)', '', 'is empty', 'set either setWeight or pause', 'missing'],
    ['has(self.setWeight) && has(self.pause)', '', 'has both setWeight and pause', 'set either setWeight or pause', 'missing'],
  ),
  ...at('scaling',
    [`has(self.replicas) && (${OTHER_SCALING.map(prop => `has(self.${prop})`).join(' || ')})`, 'replicas',
      `cannot be combined with ${OTHER_SCALING.map(() => '%s').join('')}, which have no effect on a fixed number of replicas`,
      'remove replicas or the others', 'conflict', enumerated(OTHER_SCALING)],
    ['!has(self.replicas) && has(self.max) && has(self.min) && self.max < self.min', 'max',
      'is %s but scaling.min is %s', 'use %s or more', 'range', ['self.max', 'self.min', 'self.min']],
    ['!has(self.replicas) && has(self.fallback) && has(self.max) && self.fallback > self.max', 'fallback',
      'is %s but scaling.max is %s', 'use %s or less', 'range', ['self.fallback', 'self.max', 'self.max']],
  ),
  ...at('scaling.schedule[]',
    ['!has(self.replicas) && !has(self.max)', '', 'has neither replicas nor max', 'set one of them, or both', 'missing'],
    ['has(self.replicas) && has(self.max) && self.max < self.replicas', 'max',
      'is %s but replicas is %s', 'use %s or more', 'range', ['self.max', 'self.replicas', 'self.replicas']],
  ),
  ...at('scaling.triggers[]',
    ['!has(self.type) && !has(self.connection)', '', 'has neither a type nor a connection',
      'set connection: \'jobs\', or the type and metadata of a KEDA trigger', 'missing'],
    ['has(self.type) && has(self.connection)', 'type', 'cannot be combined with connection, which determines it', ONE_OF_THEM],
    ['has(self.authentication) && has(self.connection)', 'authentication',
      'cannot be combined with connection, whose Secret KEDA uses', ONE_OF_THEM],
    ['has(self.type) && !has(self.connection) && !has(self.metadata)', 'metadata',
      'is missing', 'set the fields of the KEDA trigger', 'missing'],
  ),
  // With those of sidecars and init containers, all rules together are too expensive for the API server: the operator checks them.
  ...at('secretEnv.*',
    ['!has(self.generate) && !has(self.secret) && !has(self.key)', '', 'is empty', 'set secret and key, or generate: 32', 'missing'],
    ['!has(self.generate) && !has(self.secret) && has(self.key)', 'secret', 'is missing', 'set it to the name of the Secret', 'missing'],
    ['!has(self.generate) && has(self.secret) && !has(self.key)', 'key', 'is missing', 'set it to a key of the Secret', 'missing'],
    ['has(self.generate) && (has(self.secret) || has(self.key))', 'generate',
      'cannot be combined with %s', 'remove generate, or both secret and key', 'conflict', ["has(self.secret) ? 'secret' : 'key'"]],
  ),
  ...at('security', ...IMAGE_USER),
  ...at('serviceAccount', ['has(self.name) && has(self.annotations)', 'annotations',
    'cannot be combined with name, which refers to an existing ServiceAccount', ONE_OF_THEM]),
  ...at('tls', TLS),
];

/** Of the fields that a resource has besides the props: see cli/src/config/operator-fields.ts. */
export const OPERATOR_RULES: readonly CrdRule[] = at('',
  ["has(self.ttl) && has(self.deletionPolicy) && self.deletionPolicy == 'orphan'", 'ttl',
    'cannot be combined with deletionPolicy: orphan', ONE_OF_THEM],
);

export const PLATFORM_RULES: readonly CrdRule[] = [
  ...at('',
    ['has(self.ingress) && has(self.gateway)', 'gateway', 'cannot be combined with ingress', ONE_OF_THEM],
    ['has(self.gateway) && has(self.tls) && (has(self.tls.clusterIssuer) || has(self.tls.secretName))', 'tls',
      'has a certificate, but TLS terminates at the Gateway', 'set tls: {}, and configure the certificate in the Gateway'],
    ['has(self.gateway) && has(self.gateway.httpSectionName) && !has(self.tls)', 'gateway.httpSectionName',
      'has no effect without tls', 'set tls: {}'],
  ),
  ...at('gateway',
    ['has(self.httpSectionName) && !has(self.sectionName)', 'httpSectionName',
      'has no effect without sectionName: the apps would answer on the plain HTTP listener too',
      'set gateway.sectionName to the HTTPS listener'],
    ['has(self.httpSectionName) && has(self.sectionName) && self.httpSectionName == self.sectionName', 'httpSectionName',
      'is the same listener as sectionName', 'set it to the plain HTTP listener'],
  ),
  ...at('tls', TLS),
  ...at('appDefaults.security', ...IMAGE_USER),
];
