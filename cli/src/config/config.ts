import { resolve } from 'node:path';
import type { Diagnostic } from './diagnostic';
import type { ConfigDocument } from './document';
import type { ConfigFiles } from './files';
import { readFiles } from './files';
import type { Fields } from './merge';
import { report } from './report';
import type { Fault } from '../../../src/internal';
import { checkNamespace, nearest } from '../../../src/internal';
import type { SynthesizedApp } from '../render/synthesis';
import { Failure } from '../ui/failure';
import { paint } from '../ui/paint';
import type { World } from '../ui/world';
import type { PlatformProps, WebAppProps } from 'cdk8s-webapp';

/** Which files to load, and what the command line adds to them. */
export interface ConfigOptions {
  /** The apps' file. */
  readonly file: string;

  /** Its content, where it is not written yet. */
  readonly text?: string;

  /** The platform's file; by default the nearest `platform.yaml` in the apps' folder or above it. */
  readonly platform?: string;

  /** The environment, whose values take precedence. */
  readonly env?: string;

  /** `IMAGE` for the only app of a file, or `APP=IMAGE` for one of several. */
  readonly images: readonly string[];

  /** The namespace of apps that do not name one. */
  readonly namespace?: string;
}

/** The images of apps that were built from a folder, by the app's name. */
export interface Images {
  readonly [app: string]: string | undefined;
}

/** What an app gets from elsewhere. */
export interface Taken {
  readonly image: string;

  /** Each replaces that of the files. */
  readonly props: Fields;
}

/** Props that replace those of the files, by the app's name. */
export interface Overrides {
  readonly [app: string]: Fields | undefined;
}

/**
 * The contents of webapp.yaml and platform.yaml when they were loaded. A config can be planned many times, and reads no file again: an
 * edit during a deploy of several steps does not change what its later steps deploy.
 */
export class Config {
  /** Reads the files. Problems in them are reported by `check` and `plan`. */
  public static async load(options: ConfigOptions, world: World): Promise<Config> {
    return Config.of(await readFiles(options, world), options, world);
  }

  private static async of(files: ConfigFiles, options: ConfigOptions, world: World): Promise<Config> {
    const [near, far] = [files.apps, files.platform].map(documents => documents.map(document => document.in(options.env)));
    const all = [...near, ...far];
    const { apps, diagnostics: images } = withImages(near.filter(({ kind }) => kind === 'WebApp'), options.images);
    const diagnostics = [
      ...files.diagnostics,
      ...(await Promise.all(all.map(async document => document.checkForm()))).flat(),
      ...await kindProblems(near, far),
      ...apps.length === 0 && files.diagnostics.length === 0 ? [noApp(files)] : [],
      ...images,
      ...unknownEnvironment(all, options.env),
    ];
    // A Platform in the apps' own file takes precedence over platform.yaml.
    return new Config(apps, all.find(({ kind }) => kind === 'Platform'), diagnostics, files, options, world);
  }

  private constructor(
    /** The apps, in the environment that was asked for and with the images of the command line. */
    public readonly apps: readonly ConfigDocument[],
    public readonly platform: ConfigDocument | undefined,
    private readonly diagnostics: readonly Diagnostic[],
    private readonly files: ConfigFiles,
    private readonly options: ConfigOptions,
    private readonly world: World,
  ) {}

  /** The names of all environments. */
  public get environments(): string[] {
    const documents = [...this.apps, ...this.platform ? [this.platform] : []];
    return [...new Set(documents.flatMap(({ environments }) => environments))];
  }

  /** The same files in an environment. */
  public async inEnvironment(env: string | undefined): Promise<Config> {
    return Config.of(this.files, { ...this.options, env }, this.world);
  }

  /** The absolute paths of the files, that of the apps first. */
  public get paths(): readonly string[] {
    return this.files.files.map(({ name }) => resolve(this.world.cwd, name));
  }

  /** The apps' file as messages show it. */
  public get fileName(): string {
    return this.files.files[0].name;
  }

  /** The same files with other images. */
  public withImages(images: Images): Config {
    const apps = this.apps.map(app => {
      const image = images[String(app.name)];
      return image === undefined ? app : app.with({ image });
    });
    return new Config(apps, this.platform, this.diagnostics, this.files, this.options, this.world);
  }

  /** The same files with images and props from elsewhere. */
  public withTaken(taken: { readonly [app: string]: Taken | undefined }): Config {
    const apps = this.apps.map(app => {
      const found = taken[String(app.name)];
      return found ? app.with({ image: found.image, taken: found.props }) : app;
    });
    return new Config(apps, this.platform, this.diagnostics, this.files, this.options, this.world);
  }

  /** The namespace of an app; undefined where neither the file nor the command line names one. */
  public namespaceOf(app: ConfigDocument): unknown {
    return app.namespace ?? this.options.namespace;
  }

  /**
   * The objects of the apps.
   *
   * @throws Failure with everything that is wrong
   */
  public async plan(overrides: Overrides = {}): Promise<readonly SynthesizedApp[]> {
    const { apps, diagnostics } = await this.check(overrides);
    this.failOn(diagnostics);
    return apps;
  }

  /** @throws Failure where the files cannot be understood; their props are not checked yet */
  public failIfUnreadable(): void {
    this.failOn(this.diagnostics);
  }

  /** @throws Failure with the diagnostics, if there are any */
  public failOn(diagnostics: readonly Diagnostic[]): void {
    const textOf = (name: string) => this.files.files.find(file => file.name === name)!.text;
    if (diagnostics.length > 0) throw new Failure(report(diagnostics, textOf, paint(this.world.color.err)));
  }

  /** The objects of the apps, or everything that is wrong. */
  public async check(overrides: Overrides = {}): Promise<{ readonly apps: readonly SynthesizedApp[]; readonly diagnostics: Diagnostic[] }> {
    const documents = this.apps.map(app => {
      const props = overrides[String(app.name)];
      return props ? app.with({ props }) : app;
    });
    const diagnostics = [...this.diagnostics];
    const inputs = await Promise.all(documents.map(async (app, i) => {
      const namespace = this.namespaceOf(app);
      const fault = namespace === undefined ? undefined : namespaceFault(namespace);
      if (fault) diagnostics.push(await app.locate({ path: 'namespace', ...fault }));
      if (app.name === undefined) {
        diagnostics.push(await app.locate({ path: 'name', code: 'missing', message: 'is missing', hint: 'write one such as name: web' }));
      }
      return { name: nameOf(app, i), namespace: fault ? 'unnamed' : namespace as string | undefined };
    }));
    const { synthesize } = await import('../render/synthesis');
    const platform = this.platform?.props as PlatformProps | undefined;
    const synthesizeAll = async (propsOf: (app: ConfigDocument) => Fields) => {
      const { apps, problems, platformProblems } = synthesize(
        inputs.map((input, i) => ({ ...input, props: propsOf(documents[i]) as unknown as WebAppProps })), platform);
      for (const [i, app] of documents.entries()) {
        diagnostics.push(...await app.locateAll(problems[i].filter(({ path }) => path !== 'name' || app.name !== undefined)));
      }
      for (const problem of platformProblems) diagnostics.push(await this.platform!.locate(problem));
      return apps;
    };
    const checked = await synthesizeAll(app => app.propsToCheck);
    const apps = documents.some(app => app.canaryPlan) ? await synthesizeAll(app => app.props) : checked;
    return { apps: diagnostics.length === 0 ? apps : [], diagnostics };
  }

  /** @throws Failure where an app has steps of a canary: YAML alone does none */
  public async failOnSteps(): Promise<void> {
    const hint = 'deploy with one of these, remove it, or use rollout.argo, whose controller takes its own steps';
    const message = 'is for webapp deploy and the operator: YAML alone moves no traffic';
    const apps = this.apps.filter(app => app.canaryPlan);
    this.failOn(await Promise.all(apps.map(async app => app.locate({ code: 'unsupported', path: 'rollout.canary.steps', message, hint }))));
  }
}

/** A placeholder for an app without a name, so that the rest of it is checked too. */
function nameOf({ name }: ConfigDocument, i: number): string {
  return typeof name === 'string' && name !== '' ? name : `unnamed-${i}`;
}

function namespaceFault(namespace: unknown): Fault | undefined {
  if (typeof namespace === 'string') return checkNamespace(namespace);
  return { code: 'type', message: `is ${JSON.stringify(namespace)}`, hint: 'write a string, such as shop' };
}

function noApp({ files }: ConfigFiles): Diagnostic {
  return { code: 'missing', path: '', message: `${files[0].name} has no app`, hint: 'write name: and image:' };
}

async function kindProblems(near: readonly ConfigDocument[], far: readonly ConfigDocument[]): Promise<Diagnostic[]> {
  const stray = far.find(({ kind }) => kind === 'WebApp');
  const [platform, second] = [...near, ...far].filter(({ kind }) => kind === 'Platform');
  return [
    ...stray ? [await stray.locateKind('format', 'is WebApp, but this file is for the platform', 'move the app to a file of its own')] : [],
    ...second && (near.includes(second) || !near.includes(platform))
      ? [await second.locateKind('duplicate', 'is Platform, and there is one already', 'remove one of them')]
      : [],
  ];
}

function withImages(apps: readonly ConfigDocument[], images: readonly string[]): { apps: ConfigDocument[]; diagnostics: Diagnostic[] } {
  const names = apps.map(app => String(app.name));
  const named = [...apps];
  const diagnostics = images.flatMap((given): Diagnostic[] => {
    // A digest has no `=`, and neither has any other part of an image.
    const [, name, image] = /^(?:([^=]*)=)?(.*)$/s.exec(given)!;
    if (name === undefined && apps.length > 1) {
      const hint = `write --image APP=${image}, with one of ${names.join(', ')}`;
      return [{ code: 'missing', path: '--image', message: `is ${image}, but there are ${apps.length} apps`, hint }];
    }
    const i = name === undefined ? 0 : names.indexOf(name);
    if (named[i]) named[i] = named[i].with({ image });
    if (named[i] || apps.length === 0) return [];
    const message = `names ${name}, which is not an app of this file`;
    return [{ code: 'unknown', path: '--image', message, hint: suggestion(name!, names) }];
  });
  return { apps: named, diagnostics };
}

function unknownEnvironment(documents: readonly ConfigDocument[], env: string | undefined): Diagnostic[] {
  const names = [...new Set(documents.flatMap(({ environments }) => environments))];
  if (env === undefined || names.includes(env)) return [];
  const hint = names.length > 0 ? suggestion(env, names) : `write environments: { ${env}: … }`;
  return [{ code: 'unknown', path: '--env', message: `is ${env}, but no document has an environment of that name`, hint }];
}

function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? `did you mean ${near}?` : `choose one of ${known.join(', ')}`;
}
