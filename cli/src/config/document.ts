import { API_VERSION, Kind, KINDS } from './api-version';
import { isFields, overlay, Fields } from './merge';
import type { Mistake, Place } from './mistake';
import { stepsOf } from './path';
import type { Source } from './source';
import { nearest, Problem } from '../../../src/internal';

/** Fields of the short form that are no props. */
const BESIDE_PROPS = ['namespace', 'environments'];
const RESOURCE_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'environments'];
const METADATA_FIELDS = ['name', 'namespace'];

/** A document of a file in either form, with what the command line adds to it. */
export class FileDocument {
  /** What is wrong with the form. What is wrong with the props, the library says. */
  public readonly mistakes: Promise<Mistake>[] = [];

  private readonly fields: Fields;
  private readonly isResource: boolean;
  private image?: string;
  private over: Fields = {};

  /**
   * @param defaultKind what a document in the short form is
   */
  constructor(private readonly source: Source, private readonly defaultKind: Kind, private readonly environment?: string) {
    this.fields = isFields(source.value) ? source.value : {};
    this.isResource = 'kind' in this.fields || 'apiVersion' in this.fields;
    if (isFields(source.value)) this.checkForm();
    else this.wrong([], '', 'this is no map', `write fields, such as name: web; or apiVersion: ${API_VERSION}, kind, metadata and spec`);
  }

  public get kind(): Kind {
    return KINDS.find(kind => kind === this.fields.kind) ?? this.defaultKind;
  }

  /** Names of the environments that it says something about. */
  public get environments(): string[] {
    return isFields(this.fields.environments) ? Object.keys(this.fields.environments) : [];
  }

  public get name(): unknown {
    return this.props.name ?? this.metadata.name;
  }

  public get namespace(): unknown {
    return this.merged.namespace ?? this.metadata.namespace;
  }

  /** The props, of which nothing is known yet. */
  public get props(): Fields {
    const { environments, ...rest } = this.merged;
    const { namespace, ...props } = rest;
    if (this.kind === 'Platform') return rest;
    return this.image === undefined ? { ...props, ...this.over } : { ...props, image: this.image, ...this.over };
  }

  /** Takes the image that the command line names. */
  public use(image: string): void {
    this.image = image;
  }

  /** Takes props of which the command knows better than the file. */
  public lay(props: Fields): void {
    this.over = props;
  }

  /** A problem of the library's, at the place where it comes from. */
  public async at({ code, path, message, hint }: Problem): Promise<Mistake> {
    if (path.startsWith('rollout.canary') && this.over.rollout !== undefined) return { path: '--canary', message, hint };
    if (path === 'image' && this.image !== undefined) return { path: '--image', message, hint };
    if (path === 'image' && code === 'missing') hint = 'write one such as image: ghcr.io/acme/web:1.4.2, give it with --image, or write buildFrom';
    if (path === 'namespace' && code === 'missing') hint = 'write one such as namespace: shop, or give it with --namespace';
    return { place: await this.place(path, code === 'unknown' || code === 'renamed'), path, message, hint };
  }

  /** Something that is wrong with the document's kind, where it stands. */
  public async ofKind(message: string, hint: string): Promise<Mistake> {
    return { place: (await this.source.find(['kind'])).place, path: 'kind', message, hint };
  }

  private get metadata(): Fields {
    return this.isResource && isFields(this.fields.metadata) ? this.fields.metadata : {};
  }

  /** What the document says, in its environment. */
  private get merged(): Fields {
    const base = this.isResource ? this.fields.spec ?? {} : this.fields;
    const over = isFields(this.fields.environments) && this.environment !== undefined ? this.fields.environments[this.environment] : undefined;
    const merged = isFields(over) ? overlay(base, over) : base;
    return isFields(merged) ? merged : {};
  }

  /** The place that the value of a path comes from; of what is not there, that of the nearest thing around it. */
  private async place(path: string, ofName: boolean): Promise<Place> {
    const steps = path === 'the props' ? [] : stepsOf(path);
    const layers = [
      ...this.environment === undefined ? [] : [['environments', this.environment]],
      this.isResource ? ['spec'] : [],
      ...this.isResource && METADATA_FIELDS.includes(path) ? [['metadata']] : [],
    ];
    const depths = await Promise.all(layers.map(async layer => (await this.source.find([...layer, ...steps])).depth - layer.length));
    // The environment's own word counts; but what is missing everywhere is not missing in the environment.
    const deepest = Math.max(...depths);
    const layer = layers[deepest === steps.length ? depths.indexOf(deepest) : depths.lastIndexOf(deepest)];
    return ofName ? this.source.findName([...layer, ...steps]) : (await this.source.find([...layer, ...steps])).place;
  }

  private checkForm(): void {
    const { environments, kind, apiVersion, metadata, spec } = this.fields;
    if (environments !== undefined && !isFields(environments)) this.wrong(['environments'], 'environments', 'is no map', 'write the name of each, and below it what is different there');
    for (const name of this.environments) {
      if (!isFields((environments as Fields)[name])) this.wrong(['environments', name], `environments.${name}`, 'is no map', 'write below it what is different there');
    }
    if (!this.isResource) return;
    if (!KINDS.some(known => known === kind)) this.wrong(['kind'], 'kind', kind === undefined ? 'is missing' : `is ${JSON.stringify(kind)}`, `write ${KINDS.join(' or ')}${meant(kind, KINDS)}`);
    if (apiVersion !== API_VERSION) this.wrong(['apiVersion'], 'apiVersion', apiVersion === undefined ? 'is missing' : `is ${JSON.stringify(apiVersion)}`, `write ${API_VERSION}`);
    this.known(this.fields, RESOURCE_FIELDS, []);
    if (isFields(metadata)) this.known(metadata, this.kind === 'WebApp' ? METADATA_FIELDS : ['name'], ['metadata']);
    else if (metadata !== undefined) this.wrong(['metadata'], 'metadata', 'is no map', 'write name and namespace in it');
    if (!isFields(spec)) this.wrong(['spec'], 'spec', spec === undefined || spec === null ? 'is missing' : 'is no map', 'write the props in it');
    else for (const name of this.kind === 'WebApp' ? BESIDE_PROPS : ['environments']) if (name in spec) this.wrong(['spec', name], `spec.${name}`, 'is in the wrong place', `write it in ${name === 'namespace' ? 'metadata' : 'the document, beside spec'}`);
  }

  private known(fields: Fields, names: string[], at: string[]): void {
    for (const name of Object.keys(fields)) {
      if (names.includes(name)) continue;
      const hint = at.length === 0 ? `props belong in spec; known are ${names.join(', ')}` : `known are ${names.join(', ')}`;
      this.mistakes.push(this.source.findName([...at, name]).then(place => ({ place, path: [...at, name].join('.'), message: 'is no field', hint: hint + meant(name, names) })));
    }
  }

  private wrong(steps: string[], path: string, message: string, hint: string): void {
    this.mistakes.push(this.source.find(steps).then(({ place }) => ({ place, path, message, hint })));
  }
}

function meant(name: unknown, known: readonly string[]): string {
  const near = typeof name === 'string' ? nearest(name, known) : undefined;
  return near ? `; did you mean ${near}?` : '';
}
