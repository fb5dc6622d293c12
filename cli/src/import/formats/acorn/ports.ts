/** Ports: https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md#ports */
import type { Port, Target } from './program';
import { appName } from '../../draft';
import type { Reader } from '../../reader';

/** The ports of a container; those for development are not among them. */
export function portsIn(ports: Reader): Port[] {
  const isGrouped = ['expose', 'publish', 'dev', 'internal'].some(name => ports.field(name));
  if (!isGrouped) return ports.items.flatMap(at => portOf(at, at.field('publish')?.boolean ?? false) ?? []);
  return (['publish', 'expose', 'internal'] as const).flatMap(group => (
    (ports.field(group)?.items ?? []).flatMap(at => portOf(at, group === 'publish') ?? [])));
}

/** `80`, `80:8080/http`, `app.example.com:80:8080/http`, `app.example.com:8080`. */
const WRITTEN = /^(?:([a-z][-a-z0-9.]*):)?(\d+)(?::(\d+))?(?:\/(tcp|udp|http2?))?$/;

function portOf(at: Reader, isPublic: boolean): Port | undefined {
  if (at.isMap) {
    if (at.field('dev')?.boolean) return undefined;
    const target = at.field('targetPort')?.number ?? at.field('port')?.number;
    if (target === undefined) return undefined;
    const [protocol, hostname, path] = ['protocol', 'hostname', 'path'].map(name => at.field(name)?.text);
    return { at, port: at.field('port')?.number ?? target, target, protocol: protocol || 'tcp', hostname, path, isPublic };
  }
  const [, hostname, first, second, protocol] = WRITTEN.exec(at.text ?? '') ?? [];
  if (first === undefined) return undefined;
  const usual = hostname ? 'http' : 'tcp';
  return { at, port: Number(first), target: Number(second ?? first), protocol: protocol ?? usual, hostname, isPublic };
}

const isHttp = ({ protocol }: Port) => protocol.startsWith('http');

/** The port that gets the requests. */
export function mainPort(ports: readonly Port[]): Port | undefined {
  const all = ports.filter(({ protocol }) => protocol !== 'udp');
  return all.find(one => isHttp(one) && one.isPublic) ?? all.find(isHttp) ?? all.find(({ isPublic }) => isPublic) ?? all[0];
}

export function setPorts(at: Reader, { app, steps, program, isMain }: Target): void {
  const grouped = at.field('dev');
  grouped?.taken('it is for acorn dev');
  for (const one of at.items) if (one.field('dev')?.boolean) one.taken('it is for acorn dev');
  if (!isMain) {
    const [first] = portsIn(at);
    if (first) note(first, () => app.take(first.at, [...steps, 'port'], first.target), app.shown([...steps, 'port']));
    return;
  }
  const main = mainPort(program.ports);
  for (const one of program.ports) {
    if (one.protocol === 'udp') {
      one.at.none('ports of UDP are not supported', 'write a Service of type LoadBalancer next to the app');
    } else if (program.process.length > 0) {
      one.at.none('a process beside the web process gets no requests', 'make it an app of its own, or remove the port');
    } else if (one === main || one.target === main?.target) {
      setMain(one, app);
    } else if (one.target === program.at.at('metrics', 'port')?.number && !one.isPublic) {
      note(one, () => one.at.taken(app.shown(['metrics', 'port'])), app.shown(['metrics', 'port']));
    } else {
      const name = `p${one.target}`;
      const reason = 'it is reachable inside the cluster; its connections do not wake the app, so a replica always runs';
      const comment = one.isPublic ? 'From outside: add hosts or paths for HTTP, or loadBalancer: {} for other protocols.' : undefined;
      note(one, () => app.change(one.at, ['ports', appName(name)], { port: one.target }, reason, comment), app.shown(['ports', name]));
      app.set(['scaling', 'min'], Math.max(1, Number(app.get(['scaling', 'min']) ?? 0)));
    }
  }
}

function setMain(one: Port, app: Target['app']): void {
  const { at, target, protocol, hostname, path, isPublic } = one;
  app.set(['port'], target);
  app.cameFrom(at, ['port']);
  if (protocol === 'http2') app.set(['protocol'], 'http2');
  if (hostname?.includes('.')) app.set(['hosts'], [...new Set([...(app.props.hosts as string[] | undefined) ?? [], hostname])]);
  if (path && path !== '/') app.set(['paths'], [path]);
  const reason = 'it is taken for a port of HTTP; for another protocol, write it in ports with loadBalancer: {}';
  if (isPublic && !isHttp(one)) at.changed(app.shown(['port']), reason);
  else at.taken(app.shown(['port']));
}

/** The parts of a port that is a map have the outcome of the whole. */
function note({ at }: Port, write: () => void, shown: string): void {
  write();
  for (const [, field] of at.fields) field.taken(shown);
}
