import { limitProblems } from './limits';
import { loadBalancerName } from './load-balancer';
import { kindProblems, podMountProblems, volumeProblems } from './mounts';
import { servicePort } from '../../kube/ports';
import type { AppModel } from '../../model/app';
import { processesOf } from '../../model/app';
import type { FilesModel, SecurityModel } from '../../model/component';
import type { Strings } from '../../model/strings';
import type { Problem } from '../../validation/problem';
import { entry, quoted } from '../../validation/problem';
import type { Rule } from '../../validation/rule';
import { about, problem, when } from '../../validation/rule';
import { tolerationProblems } from '../../validation/tolerations';
import { userProblems } from '../../validation/users';
import { repeatedVariables, sourceProblems } from '../../validation/variables';

/** Limits of the process. */
const sizeRules = about(
  ['resources', 'volumes', 'command', 'args', 'env', 'secretEnv', 'configMapEnv', 'connections', 'sidecars', 'initContainers'],
  (app, props) => limitProblems(app, app.web, props),
);

/** How it starts and stops. */
const healthRules = about(['health', 'protocol'], ({ web: { pod, server: { health, https } } }) => when(
  [pod.preStopDelay >= pod.terminationGracePeriod, 'health.terminationGracePeriod',
    `is ${pod.terminationGracePeriod}s, but preStopDelay is ${pod.preStopDelay}s of it`, `use more than ${pod.preStopDelay}s`],
  [health.host !== undefined && health.path === undefined,
    'health.host', 'requires path', 'add path: /healthz, or remove it', 'missing'],
  [Object.keys(health.headers).length > 0 && health.path === undefined,
    'health.headers', 'requires path', 'add path: /healthz, or remove it', 'missing'],
  [https && health.grpc, 'health.grpc', 'is not supported with protocol https: the check speaks no TLS', 'set path', 'unsupported'],
  [health.path !== undefined && health.grpc, 'health.grpc', 'cannot be combined with path', 'remove one of them'],
));

const serviceAccountRules = about(['serviceAccount'], (_, { serviceAccount = {} }) => when(
  [serviceAccount.name !== undefined && serviceAccount.annotations !== undefined, 'serviceAccount.annotations',
    'cannot be combined with name, which refers to an existing ServiceAccount',
    'remove one of them'],
));

/** What it may do. */
const securityRules = about(['security'], (app, props) => [
  ...userProblems(props, 'security.runAsImageUser'),
  ...securityProblems(app, app.web.pod.security),
]);

/** What a process finds when it starts: variables and files. */
const configurationRules = about(
  ['env', 'secretEnv', 'configMapEnv', 'files', 'binaryFiles', 'secretFiles', 'configMapFiles', 'volumes', 'connections',
    'sidecars', 'initContainers'],
  (app, { env = {}, secretEnv = {}, configMapEnv = {}, volumes }) => [
    ...fileProblems(app.web.pod.files),
    ...sourceProblems(secretEnv),
    ...variableProblems({ env, secretEnv, configMapEnv }, app.runsWeb),
    ...volumeProblems(app.name, volumes),
    ...kindProblems(volumes),
    ...podMountProblems(app.web),
  ],
);

/** Where its pods may run. */
const schedulingRules = about(['scheduling'], (_, { scheduling }) => tolerationProblems(scheduling));

/** One ConfigMap has all files, also those of other containers. */
function fileProblems({ contents, binary, containers }: FilesModel): Problem[] {
  const bytes = [contents, ...Object.values(containers)].reduce((sum, texts) => sum + totalSize(texts), 0)
    + Object.values(binary).reduce((sum, content) => sum + Buffer.byteLength(content, 'base64'), 0);
  return when(
    [bytes > 1024 * 1024, Object.keys(contents).length > 0 || Object.keys(binary).length === 0 ? 'files' : 'binaryFiles',
      `have ${bytes} bytes in total${Object.keys(containers).length > 0 ? ', with those of other containers' : ''}`,
      'use at most 1048576 bytes, the limit of a ConfigMap', 'range'],
  );
}

/** Names of ports, and of Services of the app, that a further port would have too. */
const RESERVED_PORTS = ['http', 'metrics', 'proxy', 'canary', 'green', 'preview'];

/** Further ports, whose numbers and names are their own, and that are reachable when connections come. */
const portRules = about(['ports'], model => {
  const { name: app, web: { server, metrics, strategy }, active: { scaling } } = model;
  const processes = processesOf(model).map(({ pods }) => pods.pod.containerName);
  const used = new Map([[server.port, 'port'], ...metrics ? [[metrics.port, 'metrics.port'] as const] : []]);
  const connected = server.ports.find(({ http }) => !http);
  const sleeps = connected && scaling.replicas === undefined && scaling.min === 0;
  return [...when(
    [sleeps, 'scaling.min',
      `is 0, but connections to ${entry('ports', connected?.name ?? '')} do not wake the app`, 'use 1 or more', 'range'],
  ), ...server.ports.flatMap(({ name, port, http, loadBalancer }) => {
    const path = entry('ports', name);
    const other = used.get(port);
    used.set(port, other ?? `${path}.port`);
    const service = loadBalancerName(app, name);
    return when(
      [RESERVED_PORTS.includes(name), path,
        `is a reserved name; reserved names are ${RESERVED_PORTS.join(', ')}`, 'choose another', 'duplicate'],
      [processes.includes(name), path, `has the same name as a worker or cron job, whose objects are named ${quoted(service)} too`,
        'choose another', 'duplicate'],
      [port === servicePort(server.https) && server.port !== port, `${path}.port`,
        `is ${port}, at which the Service of the app has its HTTP requests`,
        'use another port', 'duplicate'],
      [other !== undefined, `${path}.port`, `is ${port}, which ${other} is too`, 'use another port', 'duplicate'],
      [loadBalancer && http, `${path}.loadBalancer`,
        'cannot be combined with hosts and paths, whose requests come through the entry of the platform',
        'remove it, or hosts and paths'],
      [loadBalancer && service.length > LONGEST_SERVICE, path,
        `creates a Service ${quoted(service)}, which has more than ${LONGEST_SERVICE} characters`, 'use a shorter name', 'range'],
      [loadBalancer && strategy.type === 'argo' && strategy.argo.preview, `${path}.loadBalancer`,
        'cannot be combined with a blue-green rollout of Argo Rollouts, which does not switch it to the new version',
        'remove it, or use rollout.blueGreen', 'unsupported'],
    );
  })];
});

/** @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const LONGEST_SERVICE = 63;

/** No variable can have two values. */
function variableProblems(sources: { readonly [prop: string]: object }, runsWeb: boolean): Problem[] {
  const reserved = Object.entries(sources).filter(([, variables]) => runsWeb && Object.hasOwn(variables, 'PORT'));
  return [
    ...reserved.map(([prop]) => problem(`${prop}.PORT`, 'is reserved: the app always gets it', 'set port', 'duplicate')),
    ...repeatedVariables(sources),
  ];
}

/** What the API server takes of all annotations of an object, with those that the library and controllers add. */
const LONGEST_ANNOTATIONS = 250000;

const annotationRules: Rule = ({ annotations, serviceAccount }) => {
  const all = { ...annotations, ...serviceAccount?.annotations };
  if (Object.keys(all).length === 0) return [];
  const bytes = (map: Strings) => totalSize(map) + Buffer.byteLength(Object.keys(map).join(''));
  const [common, account] = [bytes(annotations), bytes(all)];
  const hint = `use at most ${LONGEST_ANNOTATIONS}; Kubernetes takes 262144, with those that the library adds`;
  return when(
    [common > LONGEST_ANNOTATIONS, 'annotations', `have ${common} bytes in total, names included`, hint, 'range'],
    [common <= LONGEST_ANNOTATIONS && account > LONGEST_ANNOTATIONS, 'serviceAccount.annotations',
      `have ${account} bytes in total, with annotations and names included`, hint, 'range'],
  );
};

function totalSize(texts: Strings): number {
  return Object.values(texts).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The capabilities that Pod Security `baseline` allows to add. */
const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID',
  'SYS_CHROOT',
];

/** Those that each level allows; `privileged` allows all. */
const CAPABILITIES = { restricted: ['NET_BIND_SERVICE'], baseline: BASELINE_CAPABILITIES, privileged: undefined };

/** @see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function securityProblems(
  { platform }: AppModel, security: Pick<SecurityModel, 'runAsUser' | 'capabilities' | 'privileged'>,
): Problem[] {
  const level = platform.podSecurity;
  const allowed = CAPABILITIES[level];
  const askFor = (needed: string) => `ask your platform team for podSecurity: ${needed}`;
  const wide = security.capabilities.filter(capability => allowed && !allowed.includes(capability));
  return when(
    [security.runAsUser === 0 && level === 'restricted', 'security.runAsUser',
      'is 0, but the platform\'s podSecurity is restricted',
      `use another user, or ${askFor('baseline')}`, 'unsupported'],
    [security.privileged && level !== 'privileged', 'security.privileged',
      `is true, but the platform's podSecurity is ${level}`,
      `remove it, or ${askFor('privileged')}`, 'unsupported'],
    [wide.length > 0, 'security.capabilities', `has ${wide.join(', ')}, but the platform's podSecurity is ${level}`,
      `remove it, or ${askFor(wide.every(capability => BASELINE_CAPABILITIES.includes(capability)) ? 'baseline' : 'privileged')}`],
  );
}

/** What runs: its configuration, its volumes, its size and its rights. */
export const WORKLOAD_RULES: readonly Rule[] = [
  sizeRules,
  healthRules,
  serviceAccountRules,
  annotationRules,
  portRules,
  configurationRules,
  securityRules,
  schedulingRules,
];
