import { isDeepStrictEqual } from 'node:util';
import type { AppModel } from '../../model/app';
import { containersOf } from '../../model/app';
import type { EnvVariable, PodModel } from '../../model/component';
import { nearest } from '../../validation/nearest';
import { entry, quoted } from '../../validation/problem';

/**
 * Commands and variables that Kubernetes reads differently from a shell: it starts a program with the words that are given, and replaces
 * only `$(NAME)`, by a variable that is defined before, and `$$`, by `$`.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/
 */
export function commandWarnings(app: AppModel): string[] {
  const { web, workers, cronJobs, release } = app;
  const isOwn = (variable: EnvVariable) => !web.pod.env.some(inherited => isDeepStrictEqual(inherited, variable));
  const beside = ({ pod }: { pod: PodModel }, path: string) => podWarnings(pod, path, isOwn);
  return [
    ...podWarnings(web.pod, '', () => true),
    ...workers.flatMap(worker => beside(worker, entry('workers', worker.pod.containerName))),
    ...cronJobs.flatMap(job => beside(job, entry('cronJobs', job.pod.containerName))),
    ...release ? beside(release, 'releaseCommand') : [],
    ...containersOf(app).flatMap(container => (
      podWarnings(container, entry('isSidecar' in container ? 'sidecars' : 'initContainers', container.containerName), isOwn))),
  ];
}

type Started = Pick<PodModel, 'command' | 'args' | 'env' | 'envFromSecrets' | 'envFromConfigMaps'>;

function podWarnings(pod: Started, path: string, isOwn: (variable: EnvVariable) => boolean): string[] {
  const { command = [], args = [], env, envFromSecrets, envFromConfigMaps } = pod;
  const at = (prop: string) => path === '' ? prop : `${path}.${prop}`;
  // What a Secret or ConfigMap of unknown content may define.
  const isUnknown = envFromSecrets.length + envFromConfigMaps.length > 0;
  const namesBefore = (count: number) => isUnknown ? undefined : env.slice(0, count).map(({ name }) => name);
  const words = [
    ...command.map((word, i) => ({ word, prop: at(`command[${i}]`) })),
    ...args.map((word, i) => ({ word, prop: at(`args[${i}]`) })),
  ];
  const variables = env.flatMap((variable, i) => 'value' in variable && variable.value.includes('$') && isOwn(variable)
    ? valueWarnings(entry(at('env'), variable.name), variable.value, namesBefore(i))
    : []);
  if (words.some(({ word }) => SHELL.test(word))) return [...variables, ...words.flatMap(({ word, prop }) => dollarWarnings(prop, word))];
  const [first] = words;
  if (words.length === 1 && command.length === 1 && /\s/.test(first.word.trim())) {
    const list = first.word.trim().split(/\s+/).join(', ');
    const why = 'which names one program with a space in its name';
    return [...variables, `${first.prop} is ${quoted(first.word)}, ${why}; write the words as a list: [${list}]`];
  }
  return [...variables, ...words.flatMap(({ word, prop }) => wordWarnings(prop, word, env)),
    ...words.flatMap(({ word, prop }) => valueWarnings(prop, word, namesBefore(env.length)))];
}

const SHELL = /(?:^|\/)(?:ba|da|a|k|z)?sh$/;
const OPERATORS = ['&&', '||', '|', ';', '&', '>', '>>', '<', '2>&1'];

const SHELL_HINT = '[sh, -c, \'…\'] with the whole line';

/** What only a shell understands. */
function wordWarnings(prop: string, word: string, env: readonly EnvVariable[]): string[] {
  if (OPERATORS.includes(word)) return [`${prop} is ${quoted(word)}, which only a shell understands; write ${SHELL_HINT}`];
  const [reference, name] = /(?<!\$)\$(?:\{(\w+)\}|(\w+))/.exec(word)?.filter(part => part !== undefined) ?? [];
  if (!env.some(variable => variable.name === name)) return [];
  const better = word.replace(reference, () => `$(${name})`);
  return [`${prop} is ${quoted(word)}, in which only a shell replaces ${reference}; write ${quoted(better)}, or ${SHELL_HINT}`];
}

/** @param before names of the variables that Kubernetes knows there; undefined if it may know others */
function valueWarnings(prop: string, value: string, before: readonly string[] | undefined): string[] {
  const references = [...value.matchAll(/(?<!\$)(?:\$\$)*\$\(([A-Za-z_.-][\w.-]*)\)/g)].map(([, name]) => name);
  const missing = references.filter(name => before?.includes(name) === false);
  return [
    ...dollarWarnings(prop, value),
    ...missing.map(name => {
      const meant = nearest(name, before!);
      const why = `which stays as it is, because no variable ${name} is defined before it`;
      return `${prop} has $(${name}), ${why}${meant ? `; did you mean $(${meant})?` : ''}`;
    }),
  ];
}

/** More dollars are escaped ones, and before a parenthesis two stand for one on purpose. */
function dollarWarnings(prop: string, value: string): string[] {
  return /(?<!\$)\${2,3}(?![$(])/.test(value) ? [`${prop} has $$, which Kubernetes replaces with $; write $$$$ if you mean two`] : [];
}
