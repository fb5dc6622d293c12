/** What the objects of an app use of Secrets and ConfigMaps: their pods, their scalers, their entries and their builds. */
import type { AppName, BuildRun, PodTemplate } from '../kube/types';
import { BUILD_RUN, isKind, SECRET } from '../kube/types';
import type { Use } from '../kube/uses';
import { usesOf } from '../kube/uses';
import { isPlaceholder, parseReference } from '../registry/reference';
import type { Manifest } from '../render/synthesis';

/** A use of a Secret or a ConfigMap by an object of an app. */
export interface ObjectUse extends Use {
  /** Whether its absence stops nothing: the object may do without it. */
  readonly mayBeMissing?: boolean;

  /** The command that creates it, where that is not the one for any Secret or ConfigMap. */
  readonly command?: string;
}

/** What an object of an app uses, in its own namespace. */
export function objectUses(app: AppName, object: Manifest): ObjectUse[] {
  if (isKind(object, BUILD_RUN)) return buildUses(app, object as unknown as BuildRun);
  if (object.metadata.namespace !== app.namespace) return [];
  const templates = templateOf(object);
  const ofPods = [...templates.flatMap(usesOf), ...templates.flatMap(template => pullUses(app, template))];
  return [...ofPods, ...triggerUses(object), ...passwordUses(object)];
}

/** The use of a Secret, if it has a name. */
function used(name: string | undefined, rest: Partial<ObjectUse> = {}): ObjectUse[] {
  return name === undefined ? [] : [{ kind: SECRET, name, isOptional: false, ...rest }];
}

function templateOf(object: Manifest): PodTemplate[] {
  const { spec } = object as {
    readonly spec?: { readonly template?: PodTemplate; readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } } };
  };
  const template = spec?.template ?? spec?.jobTemplate?.spec?.template;
  return template?.spec?.containers ? [template] : [];
}

/** What KEDA reads: https://keda.sh/docs/latest/concepts/authentication/ */
function triggerUses({ kind, spec }: Manifest): ObjectUse[] {
  if (kind !== 'TriggerAuthentication') return [];
  const { secretTargetRef = [] } = spec as { readonly secretTargetRef?: readonly { readonly name: string; readonly key: string }[] };
  return secretTargetRef.flatMap(({ name, key }) => used(name, { key }));
}

/** Annotations of an Ingress that name the Secret with the passwords of visitors, with the key that it must have, if there is one. */
const PASSWORDS = [
  // https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations/#authentication
  { annotation: 'nginx.ingress.kubernetes.io/auth-secret', key: 'auth' },
  // Each user is a key: https://www.haproxy.com/documentation/kubernetes-ingress/ingress-configuration-reference/annotations/
  { annotation: 'haproxy.org/auth-secret', key: undefined },
];

/** What asks visitors for a password, which lets nobody in without its Secret. */
function passwordUses({ kind, metadata: { annotations = {} }, spec = {} }: Manifest): ObjectUse[] {
  const { basicAuth } = spec as { readonly basicAuth?: { readonly secret?: string; readonly users?: { readonly name: string } } };
  const needed = (name: string | undefined, key?: string) => used(name, { key, purpose: 'access.password' });
  if (kind === 'Ingress') {
    return PASSWORDS.flatMap(({ annotation, key }) => needed((annotations as { readonly [name: string]: string })[annotation], key));
  }
  // https://doc.traefik.io/traefik/reference/routing-configuration/http/middlewares/basicauth/
  if (kind === 'Middleware') return needed(basicAuth?.secret);
  // https://gateway.envoyproxy.io/docs/api/extension_types/#basicauth
  return kind === 'SecurityPolicy' ? needed(basicAuth?.users?.name, '.htpasswd') : [];
}

/**
 * What pods pull their images with. They start without it where the images are public, or the node has credentials itself.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/pull-image-private-registry/
 */
function pullUses(app: AppName, { spec }: PodTemplate): ObjectUse[] {
  const [{ image }] = spec!.containers;
  return (spec?.imagePullSecrets ?? []).flatMap(({ name }) => used(name, {
    purpose: 'pulling images that are not public', mayBeMissing: true, command: loginCommand(app, { purpose: 'pull', name, image }),
  }));
}

/**
 * What a build reads its source with and pushes its image with, and what it mounts. Shipwright starts none without them.
 *
 * @see https://shipwright.io/docs/build/buildrun/
 */
function buildUses(app: AppName, { metadata: { namespace }, spec: { build: { spec } } }: BuildRun): ObjectUse[] {
  const { source: { git: { url = '', cloneSecret } = {} } = {}, output: { image, pushSecret } = {}, paramValues = [] } = spec ?? {};
  const secrets = paramValues.flatMap(({ values = [] }) => values.flatMap(({ secretValue = [] }) => secretValue));
  return [
    ...used(cloneSecret, { purpose: 'reading its repository', command: cloneCommand({ namespace, name: cloneSecret }, url) }),
    ...used(pushSecret, { purpose: 'pushing its image', command: loginCommand(app, { purpose: 'push', name: pushSecret, image }) }),
    ...secrets.flatMap(({ name, key }) => used(name, { key, purpose: 'build.secrets' })),
  ];
}

interface Login {
  readonly purpose: 'pull' | 'push';
  readonly name?: string;

  /** An image of the registry. */
  readonly image?: string;
}

/** The registry of an image that is yet to be built is that of the platform, which the command knows. */
function loginCommand({ namespace }: AppName, { purpose, name, image = '' }: Login): string {
  const registry = isPlaceholder(image) ? undefined : parseReference(image)?.registry;
  return `webapp registry login ${registry === undefined ? '' : `${registry} `}--for ${purpose} --secret ${name} --namespace ${namespace}`;
}

/** https://shipwright.io/docs/build/authentication/ */
function cloneCommand({ namespace, name }: { readonly namespace?: string; readonly name?: string }, url: string): string {
  const content = url.startsWith('http') ? '--type kubernetes.io/basic-auth --from-literal=username=USER --from-file=password=FILE'
    : '--type kubernetes.io/ssh-auth --from-file=ssh-privatekey=FILE';
  return `kubectl create secret generic ${name} --namespace ${namespace} ${content}`;
}
