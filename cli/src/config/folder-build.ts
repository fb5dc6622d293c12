import type { Fields } from './merge';
import { isFields } from './merge';
import type { Problem } from '../../../src/internal';
import { below, checkStruct } from '../../../src/internal';
import type { FolderBuild } from 'cdk8s-webapp';

/** The fields of a file that say how the image of an app is built from a folder. They are for the command: the library takes an image. */
export const BUILD_FIELDS = ['build', 'static'] as const;

/** What a file says of the build. */
export interface FolderBuildFields {
  readonly build?: FolderBuild;

  /** The folder of static files, relative to the context of the build. */
  readonly static?: string;
}

/** What is wrong with these fields; props are the others. */
export function checkFolderBuild({ build, static: files }: Fields, props: Fields): Problem[] {
  const problems: Problem[] = [];
  if (build !== undefined) {
    if (isFields(build)) problems.push(...below('build', checkStruct('FolderBuild', build)));
    else problems.push({ ...NOT_A_MAP, message: `is ${JSON.stringify(build)}` });
  }
  if (files !== undefined && !isPathInside(files)) {
    const message = `is ${JSON.stringify(files)}, which is not a path inside the folder of the build`;
    problems.push({ path: 'static', code: 'format', message, hint: 'write the path of a folder, such as dist' });
  }
  return problems.length > 0 ? problems : contradictions({ build, static: files } as FolderBuildFields, props);
}

const NOT_A_MAP = { path: 'build', code: 'type', hint: 'write a map, such as build: { context: . }' } as const;

function isPathInside(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.startsWith('/') && !/(^|\/)\.\.(\/|$)/.test(value);
}

function contradictions({ build = {}, static: files }: FolderBuildFields, { buildFrom }: Fields): Problem[] {
  const { strategy, dockerfile, target, secrets, platforms } = build;
  const isBuildpacks = strategy === 'buildpacks';
  const ofDockerfile = { dockerfile, target, secrets, platforms };
  const forbidden = Object.entries(ofDockerfile).filter(([, value]) => value !== undefined).map(([name]) => name);
  const stray = Object.entries({ strategy, dockerfile, target }).filter(([, value]) => value !== undefined).map(([name]) => name);
  const conflict = (path: string, message: string, hint = 'remove one of them'): Problem => ({ code: 'conflict', path, message, hint });
  return [
    ...buildFrom === undefined || Object.keys(build).length === 0 ? []
      : [conflict('build', 'cannot be combined with buildFrom, which builds from git')],
    ...buildFrom === undefined || files === undefined ? []
      : [conflict('static', 'cannot be combined with buildFrom, which builds from git')],
    ...isBuildpacks ? forbidden.map(name => (
      conflict(`build.${name}`, 'has no effect with buildpacks', 'set strategy: dockerfile, or remove it'))) : [],
    ...files === undefined ? [] : stray.map(name => (
      conflict(`build.${name}`, 'cannot be combined with static, which has a Dockerfile of its own'))),
  ];
}
