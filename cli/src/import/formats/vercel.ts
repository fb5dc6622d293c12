/** vercel.json, as far as a server or a static site runs. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { AppDraft } from '../draft';
import { folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { setHttpCron } from '../shared/http-cron';
import { isEverything, setHeader, setRedirect } from '../shared/sites';
import { setBuildVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import { readYaml } from '../source/yaml';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const vercel: Format = {
  name: 'vercel',
  title: 'vercel.json',
  documentation: 'https://vercel.com/docs/project-configuration/vercel-json',
  get tables() {
    return [TABLE];
  },
  recognizes: ({ name, text }) => /^(vercel|now)\.json$/.test(basename(name)) || /openapi\.vercel\.sh\/vercel\.json/.test(text),
  convert: (files, conversion) => files.forEach(file => convertFile(file, conversion)),
};

interface Target {
  readonly app: AppDraft;
  readonly isStatic: boolean;
  readonly framework: string | undefined;
}

/** Frameworks that write a site, and where, by default: https://github.com/vercel/vercel/tree/main/packages/frameworks */
const SITES: { readonly [framework: string]: string | undefined } = {
  'angular': 'dist',
  'astro': 'dist',
  'brunch': 'public',
  'create-react-app': 'build',
  'docusaurus': 'build',
  'docusaurus-2': 'build',
  'dojo': 'output/dist',
  'eleventy': '_site',
  'ember': 'dist',
  'gatsby': 'public',
  'gridsome': 'dist',
  'hexo': 'public',
  'hugo': 'public',
  'ionic-angular': 'www',
  'ionic-react': 'build',
  'jekyll': '_site',
  'middleman': 'build',
  'parcel': 'dist',
  'polymer': 'build',
  'preact': 'build',
  'saber': 'public',
  'sapper': '__sapper__/export',
  'sanity': 'dist',
  'scully': 'dist',
  'stencil': 'www',
  'storybook': 'storybook-static',
  'svelte': 'public',
  'umijs': 'dist',
  'vite': 'dist',
  'vitepress': 'docs/.vitepress/dist',
  'vue': 'dist',
  'vuepress': 'src/.vuepress/dist',
  'zola': 'public',
};

const FUNCTIONS = 'functions are not apps';
const AS_SERVER = 'write a program that answers their requests, such as the server of your framework';
const EDGE = 'it is about the network of Vercel';
const GIT = 'your pipeline decides what it deploys';

/** https://vercel.com/docs/project-configuration/vercel-json */
const TABLE: Table<Target> = {
  $schema: holds('it is for editors'),
  name: holds('name'),
  version: holds('it is that of the format'),
  scope: holds('namespace'),
  framework: (at, { app, isStatic }) => isStatic
    ? at.taken(app.shown(['static']))
    : app.change(at, ['build', 'strategy'], 'buildpacks', 'buildpacks build and start it: package.json needs a start script'),
  outputDirectory: (at, { app, isStatic }) => isStatic
    ? app.take(at, ['static'], at.text?.replace(/^\.?\/|\/$/g, '') || '.')
    : at.taken('the server knows its own folder'),
  buildCommand: (at, { app, isStatic }) => setBuildCommand(at, app, isStatic),
  installCommand: (at, { app, isStatic }) => setBuildCommand(at, app, isStatic),
  devCommand: holds('it is for your computer'),
  ignoreCommand: none(GIT, 'write it there'),
  build: {
    env: (at, { app, isStatic }) => at.fields.forEach(([name, one]) => {
      if (isStatic) one.none('a static site is built before it is deployed', 'set the variable there');
      else setBuildVariable(app, name, one);
    }),
  },
  env: (at, { app }) => at.fields.forEach(([name, one]) => {
    // `@name` was the name of a secret.
    const secret = one.text?.startsWith('@') ? { secret: true } : {};
    setVariables(app, [], [{ name, at: one, value: one.text ?? '', ...secret }]);
  }),
  alias: (at, { app }) => app.take(at, ['hosts'], at.texts),
  redirects: (at, { app }) => at.items.forEach(one => {
    const [source, destination, status] = [one.field('source')?.text, one.field('destination')?.text, one.field('statusCode')?.number];
    if (source === undefined || destination === undefined) return;
    const permanent = status === undefined ? one.field('permanent')?.boolean !== false : status === 301 || status === 308;
    const conditions = [...one.field('has')?.items ?? [], ...one.field('missing')?.items ?? []];
    const [only] = conditions;
    const host = conditions.length === 1 && only.field('type')?.text === 'host' ? only.field('value')?.text : undefined;
    const isHost = host !== undefined && /^[\w.-]+$/.test(host) && !one.field('missing');
    if (conditions.length > 0 && !isHost) one.none('redirects have no conditions', 'do it in the app');
    else setRedirect({ at: one, from: source, to: destination, permanent, host }, app);
  }),
  rewrites: (at, target) => at.items.forEach(one => setRewrite(one, target)),
  headers: (at, { app }) => at.items.forEach(one => {
    const isOfAll = isEverything(one.field('source')?.text ?? '') && !one.field('has') && !one.field('missing');
    one.field('source')?.taken(isOfAll ? app.shown(['http', 'responseHeaders']) : 'the paths of the headers');
    for (const header of one.field('headers')?.items ?? []) {
      const [name, value] = [header.field('key'), header.field('value')];
      if (!name?.text || !value) continue;
      setHeader(name.text, value, isOfAll, app);
      name.taken(app.shown(['http', 'responseHeaders']));
    }
  }),
  routes: none('it is an older form of redirects, rewrites and headers', 'write http: { redirects: … }, or do it in the app'),
  cleanUrls: (at, { isStatic }) => isStatic
    ? at.taken('about.html is the page of /about')
    : at.none('the app answers its paths', 'do it in the app'),
  trailingSlash: none('paths reach the app unchanged', 'answer both, or write http: { redirects: … }'),
  crons: (at, { app }) => at.items.forEach(one => {
    const [path, schedule] = [one.field('path'), one.field('schedule')];
    if (!path?.text || !schedule?.text) return;
    setHttpCron(app, { name: path.text.replace(/^\/(api\/)?/, '').replace(/[?#].*/, ''), path, schedule: schedule.text, at: schedule });
  }),
  schedules: none(FUNCTIONS, 'write cronJobs'),
  functions: none(FUNCTIONS, AS_SERVER),
  builds: none('builds are not split', 'write a Dockerfile, or an app for each of them'),
  experimentalServices: none('an app is a document of webapp.yaml', 'import or write each service as an app'),
  experimentalServiceGroups: none('an app is a document of webapp.yaml', 'import or write each service as an app'),
  regions: none('a cluster is in one region', 'deploy to a cluster there'),
  functionFailoverRegions: none('a cluster is in one region', 'deploy to clusters there'),
  passiveRegions: none('a cluster is in one region', 'deploy to clusters there'),
  images: none('images are not optimized', 'do it in the app, or ask your platform team for a CDN'),
  wildcard: none(EDGE, "write hosts: ['*.example.com']"),
  bulkRedirectsPath: none('redirects are in webapp.yaml', 'write http: { redirects: … }'),
  git: none(GIT, 'write it there'),
  github: none(GIT, 'write it there'),
  public: holds('the sources are not published'),
  relatedProjects: none(EDGE, 'write connections: { …: { type: web-app, app: … } }'),
  fluid: holds('a replica answers many requests at a time'),
  bunVersion: none('buildpacks detect the version', 'write it in package.json'),
};

function convertFile(file: SourceFile, conversion: Conversion): void {
  const [node] = readYaml(file);
  if (!node) return;
  const root = conversion.read(file, node, vercel);
  const app = conversion.draft.app(root.field('name')?.text ?? folderName(file));
  const framework = root.field('framework')?.text;
  const output = root.field('outputDirectory')?.text;
  const uses = root.field('builds')?.items.map(one => one.field('use')?.text ?? '') ?? [];
  const has = (name: string) => file.name !== '-' && existsSync(join(file.folder, name));
  const isBuiltSite = uses.length > 0 && uses.every(use => /^@vercel\/static(-build)?$|^@now\/static/.test(use));
  const isStatic = framework === undefined
    ? output !== undefined || isBuiltSite || (uses.length === 0 && !has('package.json') && ['index.html', 'public/index.html'].some(has))
    : SITES[framework] !== undefined;
  if (isStatic && output === undefined) app.set(['static'], SITES[framework ?? ''] ?? (has('public/index.html') ? 'public' : '.'));
  convert(root, { app, isStatic, framework }, TABLE);
}

function setBuildCommand(at: Reader, app: AppDraft, isStatic: boolean): void {
  if (at.text === undefined) at.taken('nothing is built');
  else if (isStatic) at.none('static files are not built', 'run it before webapp deploy, or write a Dockerfile');
  else at.changed(app.shown(['build']), 'buildpacks detect how the code is built');
}

/** https://vercel.com/docs/rewrites */
function setRewrite(at: Reader, { isStatic }: Target): void {
  const [source, destination] = [at.field('source')?.text ?? '', at.field('destination')?.text ?? ''];
  // Vercel looks for files first, as the web server of static sites does.
  const isFallback = /^\/(index(\.html)?)?$/.test(destination) && (isEverything(source) || /^\/\(\(\?!/.test(source));
  if (isStatic && isFallback) at.taken('index.html is the answer where there is no page, unless the site has a 404.html');
  else if (/^https?:/.test(destination)) at.none('requests are not sent on to other hosts', 'call that host from the app, or its pages');
  else at.none('paths are not rewritten', 'answer them in the app');
}
