import type { AppDraft, Draft } from './draft';
import { pathOf } from './draft';
import { hasSecret } from './shared/variables';
import { readPlatform } from '../config/files';
import { fieldsOf, isFields } from '../config/merge';
import type { World } from '../ui/world';

/** What is decided for all formats alike, when every app is known. */
export async function finish(draft: Draft, folder: string, world: World): Promise<void> {
  const platform = await readPlatform(undefined, { ...world, cwd: folder });
  const hasDomain = typeof platform?.props.domain === 'string';
  for (const app of draft.apps) {
    const { hosts, internal, web, exactPaths } = app.props;
    if (hosts === undefined && internal !== true && web !== false && exactPaths === undefined && !hasDomain) {
      app.set(['hosts'], [`${app.name}.example.com`], 'Write your host name.');
    }
    removeSecrets(app, app.props, []);
    connectDirectly(app, draft);
    shareVolumes(app);
    removeDefaults(app);
    tellRoot(app);
  }
  secretsOf(draft);
}

/** A common image that starts as root, and writes next to its program. */
function tellRoot(app: AppDraft): void {
  const found = /^(?:docker\.io\/)?(?:library\/)?nginx(?::([\w.-]+))?(?:@.*)?$/.exec(String(app.props.image ?? ''));
  if (!found || app.has(['security'])) return;
  const [, tag] = found;
  const image = `docker.io/nginxinc/nginx-unprivileged${tag === undefined ? '' : `:${tag}`}`;
  app.draft.tell(`${app.name}: the image nginx needs root; write image: ${image}, which listens on port 8080`);
}

/** No secret becomes part of webapp.yaml, wherever in the source it was. */
function removeSecrets(app: AppDraft, value: unknown, steps: readonly string[]): void {
  if (isFields(value)) {
    for (const [name, inner] of Object.entries(value)) removeSecrets(app, inner, [...steps, name]);
  } else if (typeof value === 'string' ? hasSecret(value) : Array.isArray(value) && hasSecret(JSON.stringify(value))) {
    const sources = app.origins.filter(origin => steps.every((step, i) => origin.steps[i] === undefined || origin.steps[i] === step));
    const next = 'write it with $(NAME) for a variable of secretEnv';
    for (const { at, steps: own } of sources) if (own.length > 0) at.none('it has a secret in it, whose value is not copied', next);
    app.set(steps, undefined);
    app.draft.tell(`${app.name}: ${steps.join('.')} has a secret in it and was not copied: ${next}`);
  }
}

/** An app that is not scaled by HTTP is called at its Service. */
function connectDirectly(app: AppDraft, draft: Draft): void {
  for (const [name, connection] of Object.entries(fieldsOf(app.props.connections))) {
    const { type, app: other } = fieldsOf(connection);
    const target = type === 'web-app' ? draft.apps.find(one => one.name === other) : undefined;
    if (target && !isScaledByHttp(target)) app.set(['connections', name, 'bypassInterceptor'], true);
  }
}

function isScaledByHttp({ props }: AppDraft): boolean {
  const { replicas, cpu, memory, triggers, concurrency, requestRate } = fieldsOf(props.scaling);
  if (replicas !== undefined) return false;
  return concurrency !== undefined || requestRate !== undefined || [cpu, memory, triggers].every(value => value === undefined);
}

/** A new volume that several replicas mount is one that several can mount. */
function shareVolumes(app: AppDraft): void {
  const { min, replicas } = fieldsOf(app.props.scaling);
  if (Math.max(Number(min ?? 0), Number(replicas ?? 0)) < 2) return;
  for (const [name, volume] of Object.entries(fieldsOf(app.props.volumes))) {
    const { size, accessMode } = fieldsOf(volume);
    if (size === undefined || accessMode !== undefined) continue;
    const steps = ['volumes', name];
    app.set([...steps, 'accessMode'], 'read-write-many');
    app.set(steps, app.get(steps), 'Several replicas mount it: its storage class must support that, as NFS does.');
    for (const { at } of app.origins.filter(origin => pathOf(origin.steps) === pathOf(steps))) {
      at.changed(app.shown(steps), 'several replicas mount it, so its storage class must support that; data is not copied');
    }
  }
}

/** What a person would not write, as it is so anyway. */
function removeDefaults(app: AppDraft): void {
  const { port } = app.props;
  if (port === 8080) app.set(['port'], undefined);
  if (app.get(['protocol']) === 'http1') app.set(['protocol'], undefined);
  if (app.get(['size']) === 's') app.set(['size'], undefined);
  if (isScaledByHttp(app)) {
    if (app.get(['scaling', 'min']) === 0) app.set(['scaling', 'min'], undefined);
    if (app.get(['scaling', 'max']) === 10) app.set(['scaling', 'max'], undefined);
    if (app.get(['scaling', 'concurrency']) === 100) app.set(['scaling', 'concurrency'], undefined);
  }
  // With exactPaths, an app has only those by default.
  if (JSON.stringify(app.props.paths) === '["/"]' && !app.has(['exactPaths'])) app.set(['paths'], undefined);
}

/** The commands that create Secrets, without their values. Apps can share one. */
function secretsOf(draft: Draft): void {
  const all = new Map<string, Map<string, string>>();
  for (const [secret, keys] of draft.apps.flatMap(app => [...app.secrets])) {
    all.set(secret, new Map([...all.get(secret) ?? [], ...keys]));
  }
  for (const [secret, keys] of all) {
    const literals = [...keys].map(([key, what]) => `  --from-literal=${key}=${what || '…'}`);
    draft.tell([
      `create the Secret ${secret}, with your values:`,
      `kubectl create secret generic ${secret} --namespace ${draft.namespace ?? draft.apps[0].name} \\`,
      ...literals.map((literal, i) => (i === literals.length - 1 ? literal : `${literal} \\`)),
    ].join('\n'));
  }
}
