/**
 * What each key of a container, a job and a sidecar becomes.
 *
 * @see https://github.com/acorn-io/runtime/blob/main/docs/versioned_docs/version-0.9/100-reference/03-acornfile.md
 */
import { setFiles, setFolders, startScripts } from './mounts';
import { setPorts } from './ports';
import { setProbes } from './probes';
import type { Target } from './program';
import { known } from './program';
import { setEnvironment } from './services';
import { inBytes } from '../../../../../src/internal';
import { appName } from '../../draft';
import type { Reader } from '../../reader';
import { literalWords, splitWords } from '../../shared/commands';
import { setContext, setDockerfile, setWorkingFolder } from '../../shared/folders';
import { setReplicas } from '../../shared/replicas';
import { fiveFields } from '../../shared/schedules';
import { connect } from '../../shared/services';
import { setSize } from '../../shared/sizes';
import { bytesIn } from '../../shared/units';
import { setBuildVariable } from '../../shared/variables';
import { setDependency } from '../../shared/wiring';
import type { Rule, Table } from '../../table';
import { convert, holds, none } from '../../table';

const TERMINAL = holds('a server reads no input');

const setMemory: Rule<Target> = (at, { app, steps }) => {
  const bytes = bytesIn(at.text ?? '');
  if (bytes === 0) at.none('an app has a limit of memory', 'write size');
  else if (bytes !== undefined) setSize(app, steps, { memory: bytes }, `${inBytes(bytes)} of memory`, at);
};

const setCommand = (field: 'command' | 'args'): Rule<Target> => (at, { app, steps }) => {
  const words = at.isList ? at.texts : splitWords(at.text ?? '');
  if (words.length === 0) at.taken('the command is that of the image');
  else app.take(at, [...steps, field], literalWords(words));
};

const setMetadata = (prop: 'labels' | 'annotations'): Rule<Target> => (at, { app, isMain }) => known(at).forEach(([name, one]) => {
  if (!isMain) one.none(`a sidecar has no ${prop} of its own`, `write ${prop} of the app`);
  else if (one.text !== undefined) app.take(one, [prop, name], one.text);
});

export const CONTAINER: Table<Target> = {
  image: setImage,
  build: setBuild,
  // The databases that it waits for are known before their passwords are looked for in its variables.
  dependsOn: setDependencies,
  dependson: setDependencies,
  depends_on: setDependencies,
  dependencies: setDependencies,
  consumes: setDependencies,
  ports: setPorts,
  env: setEnvironment,
  environment: setEnvironment,
  entrypoint: setCommand('command'),
  command: setCommand('args'),
  cmd: setCommand('args'),
  files: setFiles,
  dirs: setFolders,
  directories: setFolders,
  probes: setProbes,
  probe: setProbes,
  scale: (at, { app, steps }) => setReplicas(at, app, steps),
  memory: setMemory,
  mem: setMemory,
  class: none('compute classes are those of Acorn', 'write size; choose nodes with scheduling: { nodeSelector: … }'),
  user: setUser,
  metrics: {
    port: (at, { app, isMain }) => isMain && at.number ? app.take(at, ['metrics', 'port'], at.number) : at.taken('it has no metrics'),
    path: (at, { app, isMain }) => isMain && at.text ? app.take(at, ['metrics', 'path'], at.text) : at.taken('it has no metrics'),
  },
  schedule: (at, { app, steps }) => at.text
    ? app.take(at, [...steps, 'schedule'], fiveFields(at.text))
    : at.taken('it runs with each deploy'),
  events: (at, { program }) => program.role === 'release'
    ? at.changed('releaseCommand', 'it runs before each deploy, the first one too')
    : at.none('nothing runs when an app is stopped or deleted', 'run it first: webapp run -- and its command'),
  permissions: none('an app has no Roles',
    'keep a Role and a RoleBinding for its ServiceAccount, and write serviceAccount: { automountToken: true }'),
  labels: setMetadata('labels'),
  annotations: setMetadata('annotations'),
  sidecars: (at, target) => known(at).forEach(([name, one]) => setSidecar(name, one, target)),
  init: (at, { app, steps }) => at.taken(app.shown(steps)),
  interactive: TERMINAL,
  tty: TERMINAL,
  stdin: TERMINAL,
  name: holds('it is a description'),
  description: holds('it is a description'),
  workDir: setFolder,
  workdir: setFolder,
  workingDir: setFolder,
  workingdir: setFolder,
};

function setFolder(at: Reader, target: Target): void {
  startScripts(target);
  if (at.text) setWorkingFolder(at, target.app, target.steps);
}

function setImage(at: Reader, { app, program, steps, isMain }: Target): void {
  if (!at.text) return undefined;
  if (!isMain) return app.take(at, [...steps, 'image'], at.text);
  if (program.at.field('build')?.isKnown) return at.none('the folder is built', 'to deploy the image, write image instead of build');
  if (program.process.length > 0 && app.props.web !== false) {
    return app.get(['image']) === at.text ? at.taken(app.shown(['image'])) : app.take(at, [...program.process, 'image'], at.text);
  }
  return app.take(at, ['image'], at.text);
}

function setBuild(at: Reader, { app, program, isMain, steps }: Target): void {
  if (!isMain) return at.none('a sidecar has an image that exists', `build and push it, and write ${steps.join('.')}.image`);
  const isOwn = program.process.length === 0 || app.props.web === false;
  if (!isOwn) return at.taken(app.shown(['build']));
  if (!at.isMap) return setContext(at, app);
  const field = (name: string) => at.field(name);
  const context = field('context');
  if (context?.text) setContext(context, app);
  const dockerfile = field('dockerfile');
  if (dockerfile?.text) setDockerfile(dockerfile, app, context?.text);
  const goal = field('target');
  if (goal?.text) app.take(goal, ['build', 'target'], goal.text);
  for (const args of [field('buildArgs'), field('args')]) {
    for (const [name, one] of known(args)) setBuildVariable(app, name, one);
  }
  field('watchFiles')?.taken('it is for acorn dev');
  field('additionalContexts')?.none('a build has one folder', 'copy what it needs into that folder, or use COPY --from with an image');
  field('dockerfileContents')?.none('a Dockerfile is a file', 'write it to the folder');
  for (const name of ['baseImage', 'contextDirs']) {
    field(name)?.none('folders of the project are part of the image', 'write a Dockerfile with COPY for each of them');
  }
  if (at.fields.length === 0) at.taken('the folder is built');
  return undefined;
}

function setDependencies(at: Reader, { app, project, isMain }: Target): void {
  for (const one of at.items) {
    const name = one.text ?? one.field('targetName')?.text;
    if (name === undefined) continue;
    const other = project.programs.get(name);
    const service = project.services.get(name);
    const type = other?.type ?? service?.type;
    if (!isMain) {
      one.taken('a sidecar starts with its app');
    } else if (type) {
      const { at: from, shared } = (other ?? service)!;
      one.taken(app.shown(['connections', connect(app, { name, type, shared }, from)]));
    } else if (service) {
      one.none('an Acorn image provides it, which only Acorn runs', 'write a connection of type secret, or its address in env');
    } else if (other) {
      setDependency(one, app, other);
    } else {
      one.none(`there is no container or job ${name}`, 'remove it');
    }
  }
}

/** `1000`, `1000:1000`, and the map of rendered files. */
function setUser(at: Reader, { app, steps, isMain }: Target): void {
  const [, user = at.field('uid')?.text, group = at.field('gid')?.text] = /^(\d+)(?::(\d+))?$/.exec(at.text ?? '') ?? [];
  if (user === undefined || user === '0') return at.none('the app runs as user 1000', 'write security: { runAsUser: … }');
  const around = [...isMain ? [] : steps, 'security'];
  if (group !== undefined && group !== user) app.set([...around, 'runAsGroup'], Number(group));
  if (user === '1000') return at.taken('the app runs as user 1000');
  return app.take(at, [...around, 'runAsUser'], Number(user));
}

function setSidecar(name: string, at: Reader, target: Target): void {
  const { app, program } = target;
  const own = appName(name);
  const kind = at.field('init')?.boolean ? 'initContainers' : 'sidecars';
  const steps = [kind, own];
  if (!at.field('image')?.text) {
    at.none('a sidecar has an image that exists', `build and push it, and write ${kind}: { ${own}: { image: … } }`);
    return;
  }
  if (program.process.length > 0) app.set([...steps, 'processes'], [program.process.at(-1)]);
  const inner: Target = { ...target, steps, isMain: false };
  convert(at, inner, CONTAINER);
  startScripts(inner);
}
