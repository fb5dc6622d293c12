import { previewApp } from './names';
import { previewProps } from './props';
import { sharedProblems } from './shared';
import { appOf, PREVIEW_ENVIRONMENT } from '../config/app-plan';
import type { Config, Overrides } from '../config/config';
import type { ConfigDocument } from '../config/document';
import type { Fields } from '../config/merge';
import { fieldsOf } from '../config/merge';
import type { AppName } from '../kube/types';
import { Failure } from '../ui/failure';

/** The app of a file, and the preview of it. */
export interface PreviewedApp {
  /** The app, in the environment of previews. */
  readonly of: AppName;
  readonly app: AppName;
  readonly document: ConfigDocument;

  /** What the preview does without, such as `worker mailer`. */
  readonly leftOut: readonly string[];
}

export interface PreviewPlan {
  readonly apps: readonly PreviewedApp[];

  /** The props of the previews, by the names of the apps. */
  readonly overrides: Overrides;

  /** Apps of which nothing would be left. */
  readonly skipped: readonly string[];
}

export interface PreviewOptions {
  /** The files in the environment of previews. */
  readonly config: Config;

  /** The files without an environment. */
  readonly base: Config;

  /** The environment; undefined where there is none of that name. */
  readonly env?: string;

  /** Which apps; none means all. */
  readonly names: readonly string[];

  /** The name of the preview. */
  readonly preview: string;

  /** The props of the platform. */
  readonly platform: Fields;
}

/**
 * Decides what the previews of a file's apps are.
 *
 * @throws Failure with everything that they would have in common with the apps by accident
 */
export async function planPreview({ config, base, env, names, preview, platform }: PreviewOptions): Promise<PreviewPlan> {
  config.failIfUnreadable();
  base.failIfUnreadable();
  const all = chosen(config, names).map(document => {
    const of = appOf(config, document);
    return { document, of, app: { ...of, name: previewApp(of.name, preview) } };
  });
  failOnOthers(config, all);
  const hosts = [...base.apps, ...config.apps].flatMap(document => hostsOf(document));
  const overrides: { [app: string]: Fields } = {};
  const diagnostics = [];
  const apps: PreviewedApp[] = [];
  const skipped: string[] = [];
  for (const one of all) {
    const { document, of, app } = one;
    const named = document.ofEnvironment;
    const partner = (other: string, namespace = of.namespace) => (
      all.find(({ of: known }) => known.name === other && known.namespace === namespace)?.app.name);
    const { overrides: changed, leftOut } = previewProps({
      props: document.props, named, name: app.name, host: sharedHost(one, all, platform), partner,
    });
    const props: Fields = { ...document.props, ...changed };
    if (props.web === false && props.workers === undefined && props.cronJobs === undefined) {
      skipped.push(of.name);
      continue;
    }
    const problems = sharedProblems({
      props,
      named,
      environment: `environments.${env ?? PREVIEW_ENVIRONMENT}`,
      isElsewhere: base.namespaceOf(base.apps[config.apps.indexOf(document)]) !== config.namespaceOf(document),
      hosts: [...new Set(hosts)],
      types: fieldsOf(platform.connections),
    });
    diagnostics.push(...await Promise.all(problems.map(async problem => document.locate(problem))));
    if (isPublic(props) && props.hosts === undefined && platform.domain === undefined) throw noDomain();
    overrides[of.name] = changed;
    apps.push({ of, app, document, leftOut });
  }
  config.failOn(diagnostics);
  if (apps.length === 0) throw new Failure(`${config.fileName} has no app with a web process to preview: ${skipped.join(', ')}`);
  return { apps, overrides, skipped };
}

function chosen({ apps, fileName }: Config, names: readonly string[]): ConfigDocument[] {
  const known = apps.map(({ name }) => String(name));
  const unknown = names.find(name => !known.includes(name));
  if (unknown !== undefined) throw new Failure(`${fileName} has no app ${unknown}; its apps are ${known.join(', ')}`);
  return apps.filter(({ name }) => names.length === 0 || names.includes(String(name)));
}

/** The preview `api` of `web` has the name of the app `web-api`. */
function failOnOthers({ apps, fileName }: Config, previews: readonly Pick<PreviewedApp, 'of' | 'app'>[]): void {
  for (const { of, app } of previews) {
    if (!apps.some(({ name }) => name === app.name)) continue;
    throw new Failure(`the preview of ${of.name} would be named ${app.name}, as another app of ${fileName} is; choose another name`);
  }
}

function hostsOf({ props: { hosts } }: Pick<ConfigDocument, 'props'>): string[] {
  return Array.isArray(hosts) ? hosts.map(String) : [];
}

/** Apps that share a host, by paths or headers, share one in the preview too: that of the first of them. */
function sharedHost(
  { document, app }: Omit<PreviewedApp, 'leftOut'>, all: readonly Omit<PreviewedApp, 'leftOut'>[], { domain }: Fields,
): string | undefined {
  const hosts = hostsOf(document);
  const first = all.find(other => hostsOf(other.document).some(host => hosts.includes(host)));
  if (!first || first.app.name === app.name) return undefined;
  if (domain === undefined) throw noDomain();
  return `${first.app.name}.${String(domain)}`;
}

function isPublic({ web, internal }: Fields): boolean {
  return web !== false && internal !== true;
}

function noDomain(): Failure {
  return new Failure('previews are at hosts below the domain of the platform, which has none; set domain in platform.yaml');
}
