/** Probes: https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md#probes-probe */
import type { Target } from './program';
import type { Reader } from '../../reader';
import { duration } from '../../shared/units';

interface Probe {
  readonly type: string;
  readonly at: Reader;
  readonly url?: Reader;
  readonly exec?: Reader;
  readonly headers?: Reader;
}

function probesIn(at: Reader): Probe[] {
  if (at.isMap) return at.fields.filter(([, one]) => one.isKnown).map(([type, one]) => probeOf(type, one));
  return at.items.map(one => probeOf(one.field('type')?.text ?? 'readiness', one));
}

function probeOf(type: string, at: Reader): Probe {
  const kind = type === 'ready' ? 'readiness' : type;
  if (at.isMap) {
    const url = at.at('http', 'url') ?? at.at('tcp', 'url');
    return { type: kind, at, url, exec: at.at('exec', 'command'), headers: at.at('http', 'headers') };
  }
  const isUrl = /^(https?|tcp):\/\//.test(at.text ?? '');
  return { type: kind, at, ...isUrl ? { url: at } : { exec: at } };
}

export function setProbes(at: Reader, target: Target): void {
  for (const probe of probesIn(at)) {
    probe.at.field('type')?.taken('the kind of the check');
    if (!target.isMain) probe.at.none('other containers have no check', 'write it with patches');
    else if (target.program.process.length > 0) setOfProcess(probe, target);
    else if (probe.type === 'readiness') setReadiness(probe, target);
    else if (probe.type === 'startup') setStartup(probe, target);
    else probe.at.changed(target.app.shown(['health']), 'liveness is a TCP check, so that an app that is slow is not restarted');
  }
}

function setReadiness({ at, url, exec, headers }: Probe, { app }: Target): void {
  if (exec) return at.none('an app is checked by a request, and this check runs a program', 'write health: { path: … }');
  if (!url?.text) return undefined;
  const [, scheme, port, path = '/'] = /^(https?|tcp):\/\/[^/:?]*(?::(\d+))?([/?][^\s]*)?$/.exec(url.text) ?? [];
  if (scheme === 'tcp') url.taken('an app is ready when it accepts connections');
  else app.take(url, ['health', 'path'], path.startsWith('/') ? path : `/${path}`);
  const usual = scheme === 'https' ? 443 : 80;
  const number = Number(port ?? usual);
  if (scheme !== 'tcp' && number !== (app.props.port ?? 8080)) app.set(['health', 'port'], number);
  for (const [name, one] of headers?.fields ?? []) {
    app.take(one, name.toLowerCase() === 'host' ? ['health', 'host'] : ['health', 'headers', name], one.text);
  }
  const period = at.field('periodSeconds');
  // 10 is what Acorn takes if the file says nothing.
  if (period?.number && period.number !== 10) app.take(period, ['health', 'interval'], duration(period.number));
  else period?.taken('an app is checked often enough');
  for (const name of ['initialDelaySeconds', 'timeoutSeconds', 'successThreshold', 'failureThreshold']) {
    at.field(name)?.taken('while it starts, an app is checked every second');
  }
  return undefined;
}

function setStartup({ at }: Probe, { app }: Target): void {
  const number = (name: string, otherwise: number) => at.field(name)?.number ?? otherwise;
  const seconds = number('initialDelaySeconds', 0) + number('periodSeconds', 10) * number('failureThreshold', 3);
  if (seconds <= 120) at.taken('an app may take 2 minutes to start');
  else app.take(at, ['health', 'startupTimeout'], duration(seconds));
}

/** A worker is checked by a program; what runs to its end is not. */
function setOfProcess({ at, type, exec }: Probe, { app, program }: Target): void {
  const { process } = program;
  if (process[0] !== 'workers' || type === 'startup') return at.none('it gets no requests', 'remove it, or write health of a worker');
  if (!exec) return at.none('a worker is checked by a program', 'write health: { command: … } of the worker');
  const words = exec.isList ? exec.texts : ['sh', '-c', exec.text ?? ''];
  app.take(exec, [...process, 'health', 'command'], words);
  const [period, timeout] = [at.field('periodSeconds'), at.field('timeoutSeconds')];
  if (period?.number) app.take(period, [...process, 'health', 'interval'], duration(period.number));
  if (timeout?.number) app.take(timeout, [...process, 'health', 'timeout'], duration(timeout.number));
  for (const name of ['initialDelaySeconds', 'successThreshold', 'failureThreshold']) {
    at.field(name)?.taken('three checks in a row have to fail');
  }
  return undefined;
}
