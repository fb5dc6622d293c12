import type { AppContainer, Sidecar } from './props';
import { isPlaced, NATIVE_SIDECARS } from './resolve';
import { tmpOf } from '../../kube/pod/volumes';
import type { AppModel } from '../../model/app';
import { containersOf } from '../../model/app';
import type { ContainerModel, PodModel } from '../../model/component';
import { fileMounts, mountProblems, podFileMounts, volumeMounts } from '../../validation/mounts';
import { nearest } from '../../validation/nearest';
import type { Problem } from '../../validation/problem';
import { below, entry, quoted } from '../../validation/problem';
import { about, when } from '../../validation/rule';
import { generatedProblems, repeatedVariables, sourceProblems } from '../../validation/variables';

/** Other containers of the pods of an app: whether their names are free, and whether what they use exists. */
export const containerRules = about(['sidecars', 'initContainers'], (app, props) => {
  const { sidecars = {}, initContainers = {}, volumes = {} } = props;
  const names = [...Object.keys(sidecars), ...Object.keys(initContainers)];
  return [
    ...Object.entries(sidecars).flatMap(([name, sidecar]) => {
      const path = entry('sidecars', name);
      return [
        ...containerProblems(app, path, name, sidecar),
        ...sidecarProblems(app, path, sidecar, Object.keys(initContainers).length > 0),
        ...portProblems(path, name, sidecars),
      ];
    }),
    ...Object.entries(initContainers).flatMap(([name, container]) => {
      const path = entry('initContainers', name);
      return [
        ...when([Object.hasOwn(sidecars, name), path, 'has the same name as a sidecar', 'choose another', 'duplicate']),
        ...containerProblems(app, path, name, container),
      ];
    }),
    ...generatedProblems({
      secretEnv: props.secretEnv, ...secretEnvOf('sidecars', sidecars), ...secretEnvOf('initContainers', initContainers),
    }),
    ...names.map(name => tmpOf({ containerName: name })).flatMap(volume => when(
      [Object.hasOwn(volumes, volume), entry('volumes', volume), 'has a reserved name', 'choose another', 'duplicate'],
    )),
  ];
});

/** The variables that containers have from Secrets, by the path of their prop. */
function secretEnvOf(prop: string, containers: { readonly [name: string]: AppContainer }): { [path: string]: AppContainer['secretEnv'] } {
  return Object.fromEntries(Object.entries(containers).map(([name, { secretEnv }]) => [`${entry(prop, name)}.secretEnv`, secretEnv]));
}

function containerProblems(app: AppModel, path: string, name: string, own: AppContainer): Problem[] {
  const { image, command, args, env, secretEnv, configMapEnv, security = {} } = own;
  const model = containersOf(app).find(({ containerName }) => containerName === name);
  return [
    ...when(
      [name === 'release' || podsByProcess(app).has(name), path, 'has the name of a process of the app, whose container has that name too',
        'choose another', 'duplicate'],
      [image === undefined && command === undefined && args === undefined, `${path}.image`,
        'is missing, and there is no command, so that it would run the app again',
        'set it, or command, or args', 'missing'],
      [security.runAsGroup !== undefined && security.runAsUser === undefined && app.web.pod.security.runAsUser === undefined,
        `${path}.security.runAsGroup`, 'requires runAsUser, because the app runs as the user of its image', 'set runAsUser too', 'missing'],
      [command?.length === 0, `${path}.command`, 'is empty', 'set it to the program to run, or remove it', 'range'],
    ),
    ...processProblems(app, path, own),
    ...below(path, [...repeatedVariables({ env, secretEnv, configMapEnv }), ...sourceProblems(secretEnv)]),
    ...volumeProblems(app, path, own),
    ...model ? containerMountProblems(app, path, model) : [],
  ];
}

/** The pods of each process of an app, as `processes` names it. */
function podsByProcess({ runsWeb, web, workers, cronJobs, release }: AppModel): Map<string, PodModel> {
  const pods = [...workers, ...cronJobs].map(({ pod }): [string, PodModel] => [pod.containerName, pod]);
  return new Map([
    ...runsWeb ? [['web', web.pod] as const] : [], ...pods, ...release ? [['release', release.pod] as const] : [],
  ]);
}

function processProblems(app: AppModel, path: string, { processes: own }: AppContainer): Problem[] {
  const known = [...podsByProcess(app).keys()];
  const processes = own ?? (app.runsWeb ? ['web'] : []);
  return [
    ...when([!app.runsWeb && own === undefined, `${path}.processes`, 'is missing, and the app has no web process',
      `set it to some of ${known.join(', ')}`, 'missing']),
    ...when([own?.length === 0, `${path}.processes`, 'is empty', 'add a process, such as web, or remove it', 'range']),
    ...processes.flatMap((process, i) => {
      const meant = nearest(process, known);
      return when([!known.includes(process), `${path}.processes[${i}]`, `is ${quoted(process)}, which is not a process of the app`,
        meant ? `did you mean ${meant}?` : `use one of ${known.join(', ')}`, 'unknown']);
    }),
  ];
}

function volumeProblems(app: AppModel, path: string, container: AppContainer): Problem[] {
  const { volumes } = app.web.pod;
  const placed = [...podsByProcess(app)].filter(([process]) => isPlaced(container, process));
  return Object.entries(container.volumes ?? {}).flatMap(([name, { readOnly }]) => {
    const volume = volumes.find(one => one.name === name);
    const [without] = placed.filter(([, pod]) => !pod.volumes.some(one => one.name === name)).map(([process]) => process);
    const here = entry(`${path}.volumes`, name);
    const meant = nearest(name, volumes.map(one => one.name));
    return when(
      [!volume, here, 'is not a volume of the app', meant ? `did you mean ${meant}?` : `add it to volumes: { ${name}: … }`, 'unknown'],
      [volume && without, here, `is not a volume that ${without} mounts`, `add it to the volumes of ${without}, or remove it`],
      [volume?.readOnly && readOnly === false, `${here}.readOnly`, 'is false, but the app mounts the volume read-only',
        'remove one of them'],
    );
  });
}

function containerMountProblems({ web: { pod } }: AppModel, path: string, container: ContainerModel): Problem[] {
  const shared = container.sharesFiles ? podFileMounts(pod) : [];
  const own = [...volumeMounts(container.volumes, `${path}.volumes`), ...fileMounts(container, `${path}.`)];
  return mountProblems([...shared, ...own], own);
}

function sidecarProblems({ cronJobs, platform }: AppModel, path: string, sidecar: Sidecar, isBeforeOthers: boolean): Problem[] {
  const isNative = platform.kubernetesMinor >= NATIVE_SIDECARS;
  const jobs = ['release', ...cronJobs.map(({ pod }) => pod.containerName)].filter(process => isPlaced(sidecar, process));
  const upgrade = `set the platform's kubernetesVersion to '1.${NATIVE_SIDECARS}' or newer, if the cluster has it`;
  return when(
    [!isNative && jobs.length > 0, `${path}.processes`,
      `has ${jobs.join(', ')}, but before Kubernetes 1.${NATIVE_SIDECARS} a sidecar keeps a Job from ending`,
      `remove it, or ${upgrade}`, 'unsupported'],
    [!isNative && sidecar.beforeInitContainers, `${path}.beforeInitContainers`, `requires Kubernetes 1.${NATIVE_SIDECARS}`,
      `remove it, or ${upgrade}`, 'unsupported'],
    [sidecar.beforeInitContainers && !isBeforeOthers, `${path}.beforeInitContainers`, 'has no effect, because there are no init containers',
      'remove it'],
  );
}

function portProblems(path: string, name: string, sidecars: { readonly [name: string]: Sidecar }): Problem[] {
  const { port } = sidecars[name];
  const before = Object.keys(sidecars).slice(0, Object.keys(sidecars).indexOf(name));
  const other = before.find(one => port !== undefined && sidecars[one].port === port);
  return when([other, `${path}.port`, `is ${port}, which ${entry('sidecars', other ?? '')} uses too`, 'use another port', 'duplicate']);
}
