import type { Kind } from './api-version';
import { API_VERSION, KINDS } from './api-version';
import type { Diagnostic, Location } from './diagnostic';
import type { Expanded } from './expand';
import { expand } from './expand';
import type { FolderBuildFields } from './folder-build';
import { BUILD_FIELDS, checkFolderBuild } from './folder-build';
import type { FolderFiles } from './folder-files';
import type { CanaryPlan } from './gradual-canary';
import { canaryPlanOf, checkGradualCanary, problemsOfSteps, propsToCheck, withoutGradualCanary } from './gradual-canary';
import type { Fields } from './merge';
import { fieldsOf, isFields, mergePatch } from './merge';
import { checkOperatorFields, OPERATOR_FIELDS } from './operator-fields';
import { stepsOf } from './path';
import type { Structs } from './scalar';
import type { Source } from './source';
import type { Problem, ProblemCode } from '../../../src/internal';
import { nearest, STRUCTS } from '../../../src/internal';

/** Fields of the short form that are not props. */
const FIELDS_BESIDE_PROPS: { readonly [kind in Kind]: readonly string[] } = {
  WebApp: ['namespace', 'environments', 'envFile', ...BUILD_FIELDS],
  Platform: ['environments'],
};

/** Those of them that a resource has in its spec. */
const IN_SPEC: readonly string[] = ['envFile', ...BUILD_FIELDS];
const RESOURCE_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'environments'];
const METADATA_FIELDS = ['name', 'namespace'];

/** The types of what a file has around the props of a kind. */
function structsAround(kind: Kind): Structs {
  const props = `${kind}Props`;
  const inSpec = { ...STRUCTS[props], envFile: 'string', build: 'FolderBuild', static: 'string' };
  const inShortForm = { ...inSpec, namespace: 'string' };
  return {
    ShortForm: { ...inShortForm, environments: '{Environment}' },
    Resource: { apiVersion: 'string', kind: 'string', metadata: '{string}', spec: 'Spec', environments: '{Environment}' },
    Spec: inSpec,
    Environment: inShortForm,
    Canary: { ...STRUCTS.Canary, ...STRUCTS.GradualCanary },
  };
}

/** What takes precedence over a document. */
interface Overrides {
  /** The image that --image names. */
  readonly image?: string;

  /** Props that the command sets itself; each replaces the document's. */
  readonly props?: Fields;

  /** Props that are taken from elsewhere, such as another environment; each replaces the document's, and what the command sets this one. */
  readonly taken?: Fields;
}

/** What a document of a file says, whatever takes precedence over it. */
interface Content {
  readonly source: Source;
  readonly kind: Kind;
  readonly isResource: boolean;
  readonly value: unknown;

  /** The files that an app may name; a platform names none. */
  readonly folder?: FolderFiles;
}

/** An app or a platform in a file, written as props or as a Kubernetes resource. */
export class ConfigDocument {
  /**
   * @param defaultKind the kind of a document that is written as props
   * @param folder the files that it may name; without it, it names none
   */
  public static read(source: Source, defaultKind: Kind, folder?: FolderFiles): ConfigDocument {
    const kind = KINDS.find(one => one === source.field('kind')) ?? defaultKind;
    const isResource = ['kind', 'apiVersion'].some(name => source.field(name) !== undefined);
    const value = source.as(isResource ? 'Resource' : 'ShortForm', structsAround(kind));
    return new ConfigDocument({ source, kind, isResource, value, folder: kind === 'WebApp' ? folder : undefined });
  }

  public readonly kind: Kind;
  private readonly source: Source;
  private readonly fields: Fields;
  private readonly isResource: boolean;
  private known?: Expanded;

  /** @param environment the environment, whose values take precedence over the document's others */
  private constructor(
    private readonly content: Content, private readonly environment?: string, private readonly overrides: Overrides = {},
  ) {
    ({ kind: this.kind, source: this.source, isResource: this.isResource } = content);
    this.fields = fieldsOf(content.value);
  }

  /** The names of the document's environments. */
  public get environments(): string[] {
    return Object.keys(fieldsOf(this.fields.environments));
  }

  public get name(): unknown {
    return this.props.name ?? this.metadata.name;
  }

  public get namespace(): unknown {
    return this.merged.namespace ?? this.metadata.namespace;
  }

  /** The image of the command line, or that the command has built, if there is one. */
  public get imageFlag(): string | undefined {
    return this.overrides.image;
  }

  /** The fields of a resource for the operator that the document has. */
  public get operatorFields(): string[] {
    return this.isResource ? OPERATOR_FIELDS.filter(field => this.merged[field] !== undefined) : [];
  }

  /** The spec of a resource that says the same: the props, and what is for the operator. */
  public get spec(): Fields {
    return { ...this.written, ...Object.fromEntries(this.operatorFields.map(field => [field, this.merged[field]])) };
  }

  /** The props, as the library takes them. It checks their types. */
  public get props(): Fields {
    return withoutGradualCanary(this.written);
  }

  /** The props of the step in which a canary that moves by itself has most of the traffic; without steps, the same props. */
  public get propsToCheck(): Fields {
    return propsToCheck(this.written);
  }

  /** The props as they are written, with a canary that moves by itself. */
  public get written(): Fields {
    const { environments, ...rest } = this.merged;
    if (this.kind === 'Platform') return rest;
    const { props } = this.expanded(this.propsIn(rest));
    const { image, props: overrides, taken } = this.overrides;
    return image === undefined ? { ...props, ...taken, ...overrides } : { ...props, ...taken, image, ...overrides };
  }

  /** The steps in which a new image gets the traffic; undefined where it gets all at once. */
  public get canaryPlan(): CanaryPlan | undefined {
    return canaryPlanOf(this.written);
  }

  /** What it writes for its environment, which takes precedence over the rest. */
  public get ofEnvironment(): Fields {
    const { environments } = this.fields;
    return isFields(environments) && this.environment !== undefined ? fieldsOf(environments[this.environment]) : {};
  }

  /** How its image is built from a folder, where it says so. */
  public get folderBuild(): FolderBuildFields {
    const { build, static: files } = this.merged;
    return { build, static: files } as FolderBuildFields;
  }

  /** The same document with other overrides. Those of before that are not mentioned are kept. */
  public with(overrides: Overrides): ConfigDocument {
    return new ConfigDocument(this.content, this.environment, { ...this.overrides, ...overrides });
  }

  /** The document in an environment, without overrides. */
  public in(environment: string | undefined): ConfigDocument {
    return new ConfigDocument(this.content, environment);
  }

  /** Problems of `propsToCheck`, where they come from. */
  public async locateAll(problems: readonly Problem[]): Promise<Diagnostic[]> {
    return Promise.all(problemsOfSteps(problems, this.written).map(async problem => this.locate(problem)));
  }

  /** A problem that the library found, where it comes from: a line of the file, or a flag. */
  public async locate({ code, path, message, hint }: Problem): Promise<Diagnostic> {
    const { image, props } = this.overrides;
    if (path.startsWith('rollout.canary') && props?.rollout !== undefined) return { code, path: '--canary', message, hint };
    if (path === 'image' && image !== undefined) return { code, path: '--image', message, hint };
    const location = await this.locationOf(this.known?.origins.get(path) ?? path, code === 'unknown' || code === 'renamed');
    return { location, code, path, message, hint: this.fileHint(code, path) ?? hint };
  }

  /** A problem with the document's kind. */
  public async locateKind(code: ProblemCode, message: string, hint: string): Promise<Diagnostic> {
    return { location: (await this.source.find(['kind'])).location, code, path: 'kind', message, hint };
  }

  /** Problems with the form of the document; the library checks the props. */
  public async checkForm(): Promise<Diagnostic[]> {
    const { source, fields } = this;
    if (!isFields(this.content.value)) {
      const hint = `write fields, such as name: web; or apiVersion: ${API_VERSION}, kind, metadata and spec`;
      return [{ location: (await source.find([])).location, code: 'type', path: '', message: 'this is not a map', hint }];
    }
    const ofForm = [...environmentProblems(fields), ...this.isResource ? resourceProblems(fields, this.kind) : []];
    const inForm = await Promise.all(ofForm.map(async ({ steps, code, message, hint }) => {
      const location = code === 'unknown' ? await source.findName(steps) : (await source.find(steps)).location;
      return { location, code, path: steps.join('.'), message, hint };
    }));
    const { environments, ...rest } = this.merged;
    const { build, static: files } = rest;
    const written = this.propsIn(rest);
    const problems = [
      ...this.expanded(written).problems,
      ...this.isResource ? checkOperatorFields(rest) : [],
      ...this.kind === 'WebApp' ? [...checkFolderBuild({ build, static: files }, written), ...checkGradualCanary(written)] : [],
    ];
    return [...inForm, ...await Promise.all(problems.map(async problem => this.locate(problem)))];
  }

  /** What is written of props, some of them in a form of its own. */
  private propsIn({ namespace, build, static: files, ...written }: Fields): Fields {
    const props = { ...written };
    for (const field of this.operatorFields) delete props[field];
    return props;
  }

  /** The props of the library that stand for what is written. */
  private expanded(written: Fields): Expanded {
    if (!this.content.folder) return { props: written, problems: [], origins: new Map() };
    return this.known ??= expand(written, this.content.folder);
  }

  /** What a hint can say of a file that the library does not know. */
  private fileHint(code: ProblemCode, path: string): string | undefined {
    if (code === 'missing') return MISSING_HINTS[path];
    if (code !== 'unknown' || this.isResource) return undefined;
    if (path === 'ttl') return 'it is a field of resources; deploy a preview with webapp preview up --ttl';
    const meant = nearest(path, FIELDS_BESIDE_PROPS[this.kind]);
    return meant && `did you mean ${meant}?`;
  }

  private get metadata(): Fields {
    return this.isResource ? fieldsOf(this.fields.metadata) : {};
  }

  /** The document's values in its environment. */
  private get merged(): Fields {
    const base = this.isResource ? this.fields.spec ?? {} : this.fields;
    return fieldsOf(mergePatch(base, this.ofEnvironment));
  }

  /** Where the value of a path is written; for a value that is not written, the nearest one around it. */
  private async locationOf(path: string, ofName: boolean): Promise<Location> {
    const steps = stepsOf(path);
    const layers = [
      ...this.environment === undefined ? [] : [['environments', this.environment]],
      this.isResource ? ['spec'] : [],
      ...this.isResource && METADATA_FIELDS.includes(path) ? [['metadata']] : [],
    ];
    const depths = await Promise.all(layers.map(async layer => (await this.source.find([...layer, ...steps])).depth - layer.length));
    // The environment's value takes precedence; but what is missing everywhere is not missing in the environment.
    const deepest = Math.max(...depths);
    const layer = layers[deepest === steps.length ? depths.indexOf(deepest) : depths.lastIndexOf(deepest)];
    return ofName ? this.source.findName([...layer, ...steps]) : (await this.source.find([...layer, ...steps])).location;
  }
}

/** What the command can say beyond the library about a prop that is missing. */
const MISSING_HINTS: { readonly [path: string]: string | undefined } = {
  image: 'run webapp build, which builds the folder, and pass --image with what it prints; or write image: or buildFrom:',
  namespace: 'write one such as namespace: shop, or pass --namespace',
};

interface FormProblem {
  readonly steps: readonly string[];
  readonly code: ProblemCode;
  readonly message: string;
  readonly hint: string;
}

function environmentProblems({ environments }: Fields): FormProblem[] {
  if (environments === undefined) return [];
  if (!isFields(environments)) {
    const hint = 'write the name of each environment, and below it the values that differ there';
    return [{ steps: ['environments'], code: 'type', message: 'is not a map', hint }];
  }
  return Object.keys(environments).filter(name => !isFields(environments[name])).map(name => (
    { steps: ['environments', name], code: 'type', message: 'is not a map', hint: 'write below it the values that differ there' }));
}

function resourceProblems(fields: Fields, kind: Kind): FormProblem[] {
  const { metadata, spec } = fields;
  const problems: FormProblem[] = [];
  const add = (steps: readonly string[], code: ProblemCode, message: string, hint: string) => problems.push({ steps, code, message, hint });

  const choose = (name: string, known: readonly string[]) => {
    const value = fields[name];
    const hint = `write ${known.join(' or ')}`;
    if (value === undefined) add([name], 'missing', 'is missing', hint);
    else if (!known.some(one => one === value)) add([name], 'type', `is ${JSON.stringify(value)}`, hint + didYouMean(value, known));
  };
  choose('kind', KINDS);
  choose('apiVersion', [API_VERSION]);

  const unknown = (parent: readonly string[], given: Fields, known: readonly string[], intro = '') => {
    for (const name of Object.keys(given).filter(one => !known.includes(one))) {
      add([...parent, name], 'unknown', 'is not a known field', `${intro}the fields are ${known.join(', ')}${didYouMean(name, known)}`);
    }
  };
  unknown([], fields, RESOURCE_FIELDS, 'write props in spec; ');
  if (isFields(metadata)) unknown(['metadata'], metadata, kind === 'WebApp' ? METADATA_FIELDS : ['name']);
  else if (metadata !== undefined) add(['metadata'], 'type', 'is not a map', 'write name and namespace in it');

  if (spec === undefined || spec === null) add(['spec'], 'missing', 'is missing', 'write the props in it');
  else if (!isFields(spec)) add(['spec'], 'type', 'is not a map', 'write the props in it');
  for (const name of FIELDS_BESIDE_PROPS[kind]) {
    if (!isFields(spec) || !(name in spec) || IN_SPEC.includes(name)) continue;
    const hint = name === 'namespace' ? 'move it to metadata' : 'move it out of spec, to the top level of the document';
    add(['spec', name], 'format', 'is in the wrong place', hint);
  }
  return problems;
}

function didYouMean(name: unknown, known: readonly string[]): string {
  const near = typeof name === 'string' ? nearest(name, known) : undefined;
  return near ? `; did you mean ${near}?` : '';
}
