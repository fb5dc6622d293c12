import { dirname, relative, resolve } from 'node:path';
import type { Project } from './detect';
import { detect } from './detect';
import { readProject } from './project-source';
import type { BuildRequest } from './request';
import { contentHash, secondsOf } from '../../../src/internal';
import type { FolderBuildFields } from '../config/folder-build';
import type { Operation } from '../engine/operation';
import { Failure } from '../ui/failure';
import type { Builds } from 'cdk8s-webapp';

/** What files say of the build of an app's folder. */
export interface AppFolder {
  /** What webapp.yaml says. */
  readonly fields: FolderBuildFields;

  /** The absolute paths of webapp.yaml and platform.yaml: they do not become part of the image. */
  readonly files: readonly string[];

  /** What platform.yaml says. */
  readonly builds: Builds;

  /** Whether the app mounts a volume at `/tmp`, which hides what its image has there. */
  readonly hidesTmp: boolean;
}

/** A build of a folder of which everything is decided. */
export interface FolderBuildPlan {
  readonly request: BuildRequest;

  /** What is built and how, for people: `. (Dockerfile)`. */
  readonly what: string;
}

/**
 * Decides how an app's folder is built, and reads what goes into the build.
 *
 * @throws Failure if it cannot be built
 */
export async function planFolderBuild(
  { app, progress, signal }: Pick<Operation, 'app' | 'progress' | 'signal'>, { fields, files, builds, hidesTmp }: AppFolder, cwd: string,
): Promise<FolderBuildPlan> {
  const { build = {}, static: site } = fields;
  const root = resolve(dirname(files[0]), build.context ?? '.');
  const shown = relative(cwd, root) || '.';
  const project = detect(root, { strategy: build.strategy, dockerfile: build.dockerfile, static: site }, shown);
  if (project.kind === 'buildpacks') failWithoutDockerfile(app.name, build);
  if (project.kind === 'buildpacks' && project.warning !== undefined) progress.warn(project.warning);
  const { source, strategy, dockerfile } = await readProject(root, project, {
    exclude: files.map(path => relative(root, path)),
    signal,
    onProgress: read => progress.waiting(`reading ${shown} (${read.files} files)`),
    onWarning: text => progress.warn(text),
  });
  const { target, platforms = [], secrets = {}, timeout } = build;
  const env = Object.fromEntries(Object.entries(build.env ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  // Not the values of secrets, which do not become part of the image.
  const decided = { strategy, dockerfile, env, secrets, target, platforms };
  const request: BuildRequest = {
    app,
    source,
    ...decided,
    hidesTmp,
    timeout: secondsOf(timeout),
    repository: builds.registry === undefined ? undefined : `${builds.registry}/${app.name}`,
    hash: contentHash(JSON.stringify([source.digest, decided])),
  };
  return { request, what: `${shown} (${describe(project)})` };
}

function describe(project: Project): string {
  switch (project.kind) {
    case 'dockerfile': return project.dockerfile;
    case 'buildpacks': return project.from === undefined ? 'buildpacks' : `buildpacks, as it has ${project.from}`;
    case 'static': return project.site === '.' ? 'static files' : `static files in ${project.site}`;
  }
}

function failWithoutDockerfile(app: string, build: object): void {
  const stray = ['target', 'secrets', 'platforms'].find(field => field in build);
  if (stray) throw new Failure(`build.${stray} of ${app} needs a Dockerfile, and its folder has none; write one, or remove build.${stray}`);
}
