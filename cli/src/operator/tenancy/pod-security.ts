/**
 * What the Pod Security Standards forbid in a pod. The API server enforces them for the pods of a namespace only where the namespace has
 * their label; the operator creates nothing that is beyond the level of the platform.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
import type { Fields } from './fields';
import { at, isFields, listAt } from './fields';
import type { PlatformModel } from '../../../../src/internal';

const SECCOMP = 'securityContext.seccompProfile.type';
const DROP = 'securityContext.capabilities.drop';

/** A field that has a forbidden value: its path, and the value. */
export interface Forbidden {
  readonly path: string;
  readonly value: unknown;
}

const BASELINE_CAPABILITIES = [
  'AUDIT_WRITE', 'CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID', 'KILL', 'MKNOD', 'NET_BIND_SERVICE', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID',
  'SYS_CHROOT',
];

const SYSCTLS = [
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range', 'net.ipv4.ip_local_reserved_ports', 'net.ipv4.tcp_keepalive_time', 'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes',
];

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t'];

/** The sources of volumes that `restricted` allows. It allows `csi` too, whose drivers may do anything: no app of ours has one. */
const VOLUMES = ['configMap', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

/** What a pod may not have at a level. */
export function podProblems(pod: Fields, level: PlatformModel['podSecurity']): Forbidden[] {
  if (level === 'privileged') return [];
  const contexts = [{ path: '', value: pod }, ...containersOf(pod)];
  return [
    ...baseline(pod),
    ...contexts.flatMap(({ path, value }) => below(path, baselineContext(value))),
    ...containersOf(pod).flatMap(({ path, value }) => below(path, baselineContainer(value))),
    ...level === 'restricted' ? restricted(pod) : [],
  ];
}

function containersOf(pod: Fields): { readonly path: string; readonly value: Fields }[] {
  return ['initContainers', 'containers', 'ephemeralContainers']
    .flatMap(list => listAt(pod, list).map((value, i) => ({ path: `${list}[${i}]`, value })));
}

function below(path: string, found: readonly Forbidden[]): Forbidden[] {
  return path === '' ? [...found] : found.map(one => ({ ...one, path: `${path}.${one.path}` }));
}

/** A field whose value is neither missing nor one of these. */
function unless(object: Fields, path: string, allowed: readonly unknown[]): Forbidden[] {
  const value = at(object, path);
  return value === undefined || value === null || allowed.includes(value) ? [] : [{ path, value }];
}

/** A field that has to have one of these values. */
function must(object: Fields, path: string, allowed: readonly unknown[]): Forbidden[] {
  const value = at(object, path);
  return allowed.includes(value) ? [] : [{ path, value }];
}

function baseline(pod: Fields): Forbidden[] {
  return [
    ...['hostNetwork', 'hostPID', 'hostIPC'].flatMap(path => unless(pod, path, [false])),
    ...listAt(pod, 'volumes').flatMap((volume, i) => below(`volumes[${i}]`, unless(volume, 'hostPath', []))),
    ...listAt(pod, 'securityContext.sysctls').flatMap(({ name }, i) => SYSCTLS.includes(String(name))
      ? [] : [{ path: `securityContext.sysctls[${i}].name`, value: name }]),
  ];
}

/** What pods and containers say of their security context. */
function baselineContext(object: Fields): Forbidden[] {
  const seLinux = 'securityContext.seLinuxOptions';
  return [
    ...unless(object, 'securityContext.windowsOptions.hostProcess', [false]),
    ...unless(object, 'securityContext.appArmorProfile.type', ['RuntimeDefault', 'Localhost']),
    ...unless(object, SECCOMP, ['RuntimeDefault', 'Localhost']),
    ...unless(object, `${seLinux}.type`, SELINUX_TYPES),
    ...unless(object, `${seLinux}.user`, ['']),
    ...unless(object, `${seLinux}.role`, ['']),
  ];
}

function baselineContainer(container: Fields): Forbidden[] {
  const handlers = ['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle.postStart', 'lifecycle.preStop'];
  return [
    ...unless(container, 'securityContext.privileged', [false]),
    ...unless(container, 'securityContext.procMount', ['Default']),
    ...added(container).filter(name => !BASELINE_CAPABILITIES.includes(String(name)))
      .map(value => ({ path: 'securityContext.capabilities.add', value })),
    ...listAt(container, 'ports').flatMap((port, i) => below(`ports[${i}]`, unless(port, 'hostPort', [0]))),
    ...handlers.flatMap(handler => ['httpGet.host', 'tcpSocket.host'].flatMap(field => unless(container, `${handler}.${field}`, ['']))),
  ];
}

function restricted(pod: Fields): Forbidden[] {
  const inPod = (path: string, allowed: readonly unknown[]) => must(pod, path, allowed).length === 0;
  return [
    ...listAt(pod, 'volumes').flatMap((volume, i) => Object.keys(volume).filter(field => field !== 'name' && !VOLUMES.includes(field))
      .map(field => ({ path: `volumes[${i}].${field}`, value: volume[field] }))),
    ...unlessRoot(pod),
    ...containersOf(pod).flatMap(({ path, value: container }) => below(path, [
      ...must(container, 'securityContext.allowPrivilegeEscalation', [false]),
      ...own(container, 'securityContext.runAsNonRoot', [true], inPod('securityContext.runAsNonRoot', [true])),
      ...own(container, SECCOMP, ['RuntimeDefault', 'Localhost'], inPod(SECCOMP, ['RuntimeDefault', 'Localhost'])),
      ...unlessRoot(container),
      ...dropsAll(container) ? [] : [{ path: DROP, value: at(container, DROP) }],
      ...added(container).filter(name => name !== 'NET_BIND_SERVICE').map(value => ({ path: 'securityContext.capabilities.add', value })),
    ])),
  ];
}

function unlessRoot(object: Fields): Forbidden[] {
  return at(object, 'securityContext.runAsUser') === 0 ? [{ path: 'securityContext.runAsUser', value: 0 }] : [];
}

/** A field of a container, which may leave it to its pod. */
function own(container: Fields, path: string, allowed: readonly unknown[], isSetByPod: boolean): Forbidden[] {
  return isSetByPod ? unless(container, path, allowed) : must(container, path, allowed);
}

function dropsAll(container: Fields): boolean {
  const drop = at(container, DROP);
  return Array.isArray(drop) && drop.includes('ALL');
}

function added(container: Fields): unknown[] {
  const names = at(container, 'securityContext.capabilities.add');
  return Array.isArray(names) ? names : [];
}

/** The pods that an object makes, with the path of their spec. */
export function podsOf(object: Fields): { readonly path: string; readonly pod: Fields }[] {
  return ['spec.template.spec', 'spec.jobTemplate.spec.template.spec'].map(path => ({ path, pod: at(object, path) }))
    .filter((found): found is { path: string; pod: Fields } => isFields(found.pod));
}
