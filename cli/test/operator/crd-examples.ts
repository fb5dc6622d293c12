/** Mistakes that the API server refuses itself, one or more for each rule of projenrc/crd-rules.ts, with what it and the library say. */

export interface Mistake {
  /** The props of an app with an image, or of a platform. */
  readonly props: { readonly [prop: string]: unknown };

  /** The prop that the problem is about. */
  readonly path: string;

  /** What is wrong, and what to write. */
  readonly says: string;
}

function mistake(path: string, says: string, props: Mistake['props']): Mistake {
  return { path, says, props };
}

const NOT_SHARED = 'cannot be combined with internal: the app does not share its host; remove one of them';
const RESERVED = 'is reserved: the app always gets it; set port';
const TWO_CERTIFICATES = 'has both a clusterIssuer and a secretName; remove one of them';
const FIXED = 'which have no effect on a fixed number of replicas; remove replicas or the others';

export const WEB_APP_MISTAKES: readonly Mistake[] = [
  mistake('buildFrom', 'cannot be combined with image; remove one of them', {
    buildFrom: { git: 'https://github.com/acme/web', revision: 'main', image: 'ghcr.io/acme/web' },
  }),
  mistake('image', 'is missing; set image to a reference such as ghcr.io/acme/web:1.4.2, or set buildFrom', { image: undefined }),
  mistake('hosts', 'cannot be combined with internal; remove one of them', { internal: true, hosts: ['a.example.com'] }),
  mistake('hosts', 'is empty; add at least one host, or set internal: true', { hosts: [] }),
  mistake('paths', NOT_SHARED, { internal: true, paths: ['/a'] }),
  mistake('paths', 'is empty; add at least one path, or remove it', { paths: [] }),
  mistake('exactPaths', NOT_SHARED, { internal: true, exactPaths: ['/a'] }),
  mistake('exactPaths', 'is empty; add at least one path, or remove it', { exactPaths: [] }),
  mistake('headers', NOT_SHARED, { internal: true, headers: { 'X-A': 'b' } }),
  mistake('replacePrefixMatch',
    'cannot be combined with internal: callers inside the cluster use the app\'s own paths; remove one of them',
    { internal: true, replacePrefixMatch: '/a' }),
  mistake('replacePrefixMatch', 'cannot be combined with exactPaths, which have no prefix; remove one of them',
    { paths: ['/a'], exactPaths: ['/b'], replacePrefixMatch: '/' }),
  mistake('access',
    'cannot be combined with internal: callers inside the cluster do not pass the ingress controller or gateway; remove one of them',
    { internal: true, access: { allow: ['10.0.0.0/8'] } }),
  mistake('http', 'cannot be combined with internal: only an ingress controller or gateway does what it says; remove one of them',
    { internal: true, http: { maxBodySize: '10Mi' } }),
  mistake('tls', 'cannot be combined with internal: the app has no public host; remove one of them', { internal: true, tls: {} }),
  mistake('env.PORT', RESERVED, { env: { PORT: '80' } }),
  mistake('secretEnv.PORT', RESERVED, { secretEnv: { PORT: { secret: 'a', key: 'b' } } }),
  mistake('configMapEnv.PORT', RESERVED, { configMapEnv: { PORT: { configMap: 'a', key: 'b' } } }),
  mistake('access', 'is empty, so everyone is let in; set allow, password or signIn, or remove it', { access: {} }),
  mistake('access.allow', 'is empty, so nobody is let in; add at least one range, or remove it', { access: { allow: [] } }),
  mistake('access.password', 'cannot be combined with signIn, as both use the header Authorization; remove one of them',
    { access: { password: { secret: 'a' }, signIn: 'sso' } }),
  mistake('buildFrom.dockerfile', 'has no effect with buildpacks; set strategy: dockerfile, or remove it', {
    image: undefined,
    buildFrom: { git: 'https://github.com/acme/web', revision: 'main', image: 'ghcr.io/acme/web', dockerfile: 'Dockerfile' },
  }),
  mistake('health.grpc', 'cannot be combined with path; remove one of them', { health: { path: '/a', grpc: true } }),
  mistake('rollout.blueGreen', 'cannot be combined with canary; remove one of them', {
    rollout: {
      canary: { image: 'ghcr.io/acme/web:2' },
      blueGreen: { active: 'blue', blue: { image: 'ghcr.io/acme/web:1' } },
    },
  }),
  mistake('buildFrom', 'cannot be combined with rollout.canary.steps, which need the image; build the image first, and set image', {
    image: undefined,
    buildFrom: { git: 'https://github.com/acme/web', revision: 'main', image: 'ghcr.io/acme/web' },
    rollout: { canary: { steps: [{ setWeight: 10 }] } },
  }),
  mistake('rollout.canary.image',
    'is missing; set the image of the canary, or set steps in which a new image of the app gets the traffic',
    { rollout: { canary: { weight: 10 } } }),
  mistake('rollout.canary.image', 'cannot be combined with steps, in which a new image of the app gets the traffic; remove one of them',
    { rollout: { canary: { image: 'ghcr.io/acme/web:2', steps: [{ setWeight: 10 }] } } }),
  mistake('rollout.canary.weight', 'cannot be combined with steps, which set it; remove one of them',
    { rollout: { canary: { weight: 10, steps: [{ setWeight: 10 }] } } }),
  mistake('rollout.canary.analysis', 'has no effect without steps; set steps, or remove it',
    { rollout: { canary: { image: 'ghcr.io/acme/web:2', analysis: { successRate: 99 } } } }),
  mistake('rollout.canary.steps', 'is empty; add steps such as [{ setWeight: 10 }, { pause: { duration: 10m } }]',
    { rollout: { canary: { steps: [] } } }),
  mistake('rollout.canary.steps[0]', 'is empty; set either setWeight or pause', { rollout: { canary: { steps: [{}] } } }),
  mistake('rollout.canary.steps[0]', 'has both setWeight and pause; set either setWeight or pause',
    { rollout: { canary: { steps: [{ setWeight: 10, pause: { duration: '1m' } }] } } }),
  mistake('scaling.replicas', `cannot be combined with cpu, ${FIXED}`, { scaling: { replicas: 2, cpu: 70 } }),
  mistake('scaling.replicas', `cannot be combined with max, min, ${FIXED}`, { scaling: { replicas: 2, max: 3, min: 1 } }),
  mistake('scaling.max', 'is 2 but scaling.min is 5; use 5 or more', { scaling: { min: 5, max: 2 } }),
  mistake('scaling.fallback', 'is 9 but scaling.max is 2; use 2 or less', { scaling: { max: 2, fallback: 9 } }),
  mistake('scaling.schedule[0]', 'has neither replicas nor max; set one of them, or both',
    { scaling: { schedule: [{ start: '0 8 * * *', end: '0 18 * * *' }] } }),
  mistake('scaling.schedule[0].max', 'is 2 but replicas is 3; use 3 or more',
    { scaling: { schedule: [{ start: '0 8 * * *', end: '0 18 * * *', replicas: 3, max: 2 }] } }),
  mistake('scaling.triggers[0]', 'has neither a type nor a connection; '
    + 'set connection: \'jobs\', or the type and metadata of a KEDA trigger', { scaling: { triggers: [{ metadata: { a: 'b' } }] } }),
  mistake('scaling.triggers[0].type', 'cannot be combined with connection, which determines it; remove one of them', {
    connections: { jobs: { type: 'rabbitmq', secret: 'rabbitmq' } },
    scaling: { triggers: [{ type: 'rabbitmq', connection: 'jobs', queue: 'jobs' }] },
  }),
  mistake('scaling.triggers[0].authentication', 'cannot be combined with connection, whose Secret KEDA uses; remove one of them', {
    connections: { jobs: { type: 'rabbitmq', secret: 'rabbitmq' } },
    scaling: { triggers: [{ connection: 'jobs', queue: 'jobs', authentication: { existing: 'a' } }] },
  }),
  mistake('scaling.triggers[0].metadata', 'is missing; set the fields of the KEDA trigger',
    { scaling: { triggers: [{ type: 'rabbitmq' }] } }),
  mistake('secretEnv.A', 'is empty; set secret and key, or generate: 32', { secretEnv: { A: {} } }),
  mistake('secretEnv.A.secret', 'is missing; set it to the name of the Secret', { secretEnv: { A: { key: 'b' } } }),
  mistake('secretEnv.A.key', 'is missing; set it to a key of the Secret', { secretEnv: { A: { secret: 'b' } } }),
  mistake('secretEnv.A.generate', 'cannot be combined with secret; remove generate, or both secret and key',
    { secretEnv: { A: { generate: 32, secret: 'b', key: 'c' } } }),
  mistake('secretEnv.A.generate', 'cannot be combined with key; remove generate, or both secret and key',
    { secretEnv: { A: { generate: 32, key: 'c' } } }),
  mistake('security.runAsImageUser', 'cannot be combined with runAsUser; remove one of them',
    { security: { runAsImageUser: true, runAsUser: 5, runAsGroup: 5 } }),
  mistake('security.runAsImageUser', 'cannot be combined with runAsGroup; remove one of them',
    { security: { runAsImageUser: true, runAsGroup: 5 } }),
  mistake('serviceAccount.annotations', 'cannot be combined with name, which refers to an existing ServiceAccount; remove one of them',
    { serviceAccount: { name: 'a', annotations: { 'example.com/a': 'b' } } }),
  mistake('tls', TWO_CERTIFICATES, { tls: { clusterIssuer: 'a', secretName: 'b' } }),
];

export const PLATFORM_MISTAKES: readonly Mistake[] = [
  mistake('gateway', 'cannot be combined with ingress; remove one of them', { ingress: {}, gateway: { name: 'public' } }),
  mistake('tls', 'has a certificate, but TLS terminates at the Gateway; set tls: {}, and configure the certificate in the Gateway',
    { gateway: { name: 'public' }, tls: { clusterIssuer: 'letsencrypt' } }),
  mistake('gateway.httpSectionName', 'has no effect without tls; set tls: {}',
    { gateway: { name: 'public', sectionName: 'https', httpSectionName: 'http' } }),
  mistake('gateway.httpSectionName', 'has no effect without sectionName: the apps would answer on the plain HTTP listener too; '
    + 'set gateway.sectionName to the HTTPS listener', { gateway: { name: 'public', httpSectionName: 'http' }, tls: {} }),
  mistake('gateway.httpSectionName', 'is the same listener as sectionName; set it to the plain HTTP listener',
    { gateway: { name: 'public', sectionName: 'http', httpSectionName: 'http' }, tls: {} }),
  mistake('tls', TWO_CERTIFICATES, { tls: { clusterIssuer: 'a', secretName: 'b' } }),
  mistake('appDefaults.security.runAsImageUser', 'cannot be combined with runAsUser; remove one of them',
    { appDefaults: { security: { runAsImageUser: true, runAsUser: 5 } } }),
  mistake('appDefaults.security.runAsImageUser', 'cannot be combined with runAsGroup; remove one of them',
    { appDefaults: { security: { runAsImageUser: true, runAsGroup: 5 } } }),
];
