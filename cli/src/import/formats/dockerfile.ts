import { basename } from 'node:path';
import { Failure } from '../../ui/failure';
import type { AppDraft } from '../draft';
import { appName, folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { httpCheckOf } from '../shared/checks';
import { duration, secondsIn } from '../shared/units';
import type { DockerInstruction } from '../source/dockerfile';
import { readDockerfile } from '../source/dockerfile';
import type { SourceFile, SourceNode } from '../source/node';
import type { Rule, Table } from '../table';
import { holds } from '../table';

export const dockerfile: Format = {
  name: 'dockerfile',
  title: 'Dockerfile',
  documentation: 'https://docs.docker.com/reference/dockerfile/',
  get tables() {
    return [TABLE];
  },
  recognizes: ({ name, text }) => /(^|\.)(docker|container)file(\.|$)/i.test(basename(name)) && /^\s*FROM\s/im.test(text),
  convert: (files, conversion) => files.forEach(file => convertDockerfile(file, conversion)),
};

/** An instruction of the stage that becomes the image. */
interface Target {
  readonly app: AppDraft;
  readonly instruction: DockerInstruction;
}

const IN_IMAGE = 'it is part of the image';

/** What each instruction of the last stage becomes: https://docs.docker.com/reference/dockerfile/ */
const TABLE: Table<Target> = {
  FROM: holds(IN_IMAGE),
  RUN: holds(IN_IMAGE),
  COPY: holds(IN_IMAGE),
  ADD: holds(IN_IMAGE),
  ENV: holds(IN_IMAGE),
  LABEL: holds(IN_IMAGE),
  WORKDIR: holds(IN_IMAGE),
  CMD: holds(IN_IMAGE),
  ENTRYPOINT: holds(IN_IMAGE),
  SHELL: holds(IN_IMAGE),
  MAINTAINER: holds(IN_IMAGE),
  ONBUILD: holds('it is for images that are built from this one'),
  ARG: (at, { instruction: { text } }) => text.includes('=')
    ? at.taken(IN_IMAGE)
    : at.none('it has no default', `if the build needs it, write build: { env: { ${text}: … } }`),
  EXPOSE: setPort,
  USER: setUser,
  HEALTHCHECK: setHealth,
  VOLUME: setVolumes,
  STOPSIGNAL: at => at.taken('the container runtime sends the signal that the image names'),
};

function convertDockerfile(file: SourceFile, conversion: Conversion): void {
  const instructions = readDockerfile(file.text);
  if (!instructions.some(({ keyword }) => keyword === 'FROM')) throw new Failure(`${file.name} is not a Dockerfile: it has no FROM`);
  const items: SourceNode[] = instructions.map(({ line, keyword, text }) => (
    { line, fields: new Map([[keyword, { line, value: text, text }]]) }));
  const root = conversion.read(file, { items }, dockerfile);
  const app = conversion.draft.app(folderName(file));
  const name = basename(file.name);
  if (!/^(docker|container)file$/i.test(name)) {
    app.set(['build', 'dockerfile'], name);
    const suffix = name.replace(/^(docker|container)file\.?|\.(docker|container)file$/gi, '');
    if (suffix !== '' && !/^(prod|production|dev|development|ci)$/i.test(suffix)) app.name = appName(suffix);
  }
  root.items.forEach((item, i) => {
    const [[keyword, at]] = item.fields;
    const rule = TABLE[keyword] as Rule<Target> | undefined;
    if (!instructions[i].isLast) at.taken(IN_IMAGE);
    else rule?.(at, { app, instruction: instructions[i] });
  });
}

function setPort(at: Reader, { app, instruction: { text } }: Target): void {
  const ports = text.split(/\s+/).map(port => /^(\d+)(?:-\d+)?(?:\/(\w+))?$/.exec(port));
  const [first] = ports.filter(port => port && port[2] !== 'udp');
  if (!first) return at.none('the port is not a number, or not of TCP', 'write port: 8080');
  if (app.has(['port'])) return at.none('an app has one port for its requests', `write ports: { p${first[1]}: { port: ${first[1]} } }`);
  app.take(at, ['port'], Number(first[1]));
  const others = ports.filter(port => port && port !== first).map(port => port![0]);
  if (others.length > 0) at.changed(app.shown(['port']), `an app has one port for its requests; for ${others.join(', ')}, write ports`);
  return undefined;
}

/** @see https://docs.docker.com/reference/dockerfile/#user */
function setUser(at: Reader, { app, instruction: { text } }: Target): void {
  const [, user] = /^(\d+)(?::\S+)?$/.exec(text) ?? [];
  if (user === '0' || /^root(:|$)/.test(text)) {
    app.set(['security'], undefined);
    return at.none('the app runs as user 1000, not as root', 'make its files readable for all, or see security: { runAsUser: 0 }');
  }
  if (user === undefined) {
    return at.none(`the app runs as user 1000: Kubernetes cannot tell whether ${text} is root`, 'write the number of the user: USER 1000');
  }
  if (user === '1000') return at.taken('the app runs as user 1000');
  return app.take(at, ['security', 'runAsImageUser'], true);
}

/** @see https://docs.docker.com/reference/dockerfile/#healthcheck */
function setHealth(at: Reader, { app, instruction: { text } }: Target): void {
  if (/^NONE$/i.test(text)) return at.taken('health checks of the image are not used');
  const [, options, command] = /^((?:--\S+\s+)*)CMD\s+(.*)$/is.exec(text) ?? [];
  const check = httpCheckOf(jsonWords(command ?? '') ?? [command ?? '']);
  if (!check) return at.none('an app is checked by a request, and this check runs a program', 'write health: { path: … }');
  app.take(at, ['health', 'path'], check.path);
  if (check.port !== undefined && check.port !== (app.props.port ?? 8080)) app.set(['health', 'port'], check.port);
  const start = secondsIn(/--start-period=(\S+)/.exec(options)?.[1] ?? '');
  if (start !== undefined && start > 120) app.set(['health', 'startupTimeout'], duration(start));
  return undefined;
}

function jsonWords(text: string): string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every(word => typeof word === 'string') ? value : undefined;
  } catch {
    // It is a line of shell.
    return undefined;
  }
}

function setVolumes(at: Reader, { app, instruction: { text } }: Target): void {
  const paths = (jsonWords(text) ?? text.split(/\s+/)).filter(path => path.startsWith('/'));
  for (const path of paths) {
    app.change(at, ['volumes', appName(path.slice(1)).slice(0, 30)], { path, empty: '1Gi' },
      'it is empty in each new pod; data that must outlive it needs size: 5Gi in place of empty',
      'Empty in each new pod; with size: 5Gi in place of empty, it outlives the pod.');
  }
}
