/** netlify.toml, _redirects and _headers, as far as a server or a static site runs. Cloudflare Pages and others read the last two, too. */
import { basename, relative } from 'node:path';
import type { AppDraft } from '../draft';
import { folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { isEverything, setHeader, setRedirect } from '../shared/sites';
import { setBuildVariable } from '../shared/variables';
import { linesOf } from '../source/lines';
import type { SourceFile } from '../source/node';
import { readToml } from '../source/toml';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const netlify: Format = {
  name: 'netlify',
  title: 'Netlify',
  documentation: 'https://docs.netlify.com/build/configure-builds/file-based-configuration/',
  get tables() {
    return [TABLE];
  },
  recognizes: ({ name }) => /^(netlify\.toml|_redirects|_headers)$/.test(basename(name)),
  convert: convertNetlify,
};

interface Target {
  readonly app: AppDraft;
  readonly isStatic: boolean;
}

const FUNCTIONS = 'functions are not apps';
const AS_SERVER = 'write a program that answers their requests, such as the server of your framework';

/** https://docs.netlify.com/build/configure-builds/file-based-configuration/ */
const TABLE: Table<Target> = {
  build: {
    base: (at, { app }) => {
      const path = at.text?.replace(/^\.?\//, '').replace(/\/$/, '');
      if (path && path !== '.') app.take(at, ['build', 'context'], path);
      else at.taken('the folder is built');
    },
    publish: (at, { app, isStatic }) => isStatic
      ? app.take(at, ['static'], at.text?.replace(/^\.?\//, '').replace(/\/$/, '') || '.')
      : at.taken('the server knows its own folder'),
    command: (at, { app, isStatic }) => isStatic
      ? at.none('static files are not built', 'run it before webapp deploy, or write a Dockerfile')
      : at.changed(app.shown(['build']), 'buildpacks detect how the code is built'),
    environment: (at, { app, isStatic }) => at.fields.forEach(([name, one]) => {
      if (isStatic) one.none('a static site is built before it is deployed', 'set the variable there');
      else setBuildVariable(app, name, one);
    }),
    functions: none(FUNCTIONS, AS_SERVER),
    edge_functions: none(FUNCTIONS, AS_SERVER),
    ignore: none('your pipeline decides what it deploys', 'write it there'),
    processing: none('files are served as they are', 'do it in the build'),
  },
  context: none('a context is an environment', 'write environments: { staging: { … } }, and deploy with --env staging'),
  redirects: (at, target) => at.items.forEach(one => setTable(one, target)),
  headers: (at, { app }) => at.items.forEach(one => {
    const path = one.field('for');
    const isOfAll = isEverything(path?.text ?? '');
    path?.taken(isOfAll ? app.shown(['http', 'responseHeaders']) : 'the paths of the headers');
    for (const [name, value] of one.field('values')?.fields ?? []) setOne(name, value, isOfAll, app);
  }),
  functions: none(FUNCTIONS, AS_SERVER),
  edge_functions: none(FUNCTIONS, AS_SERVER),
  plugins: (at, _) => at.items.forEach(one => {
    const isServer = /nextjs|nuxt|remix|angular|gatsby/.test(one.field('package')?.text ?? '');
    if (isServer) one.changed('build', 'buildpacks build and start the server of the framework: package.json needs a start script');
    else one.none('there are no build plugins', 'do it in the build');
  }),
  dev: holds('it is for your computer'),
  template: holds('it is for a button of Netlify'),
  images: none('images are not optimized', 'do it in the app, or ask your platform team for a CDN'),
  database: none('it is a database of Netlify', 'write connections: { db: { type: postgres } }'),
  functionsDirectory: none(FUNCTIONS, AS_SERVER),
  integrations: none('there are no integrations', 'do it in the build'),
  extensions: none('there are no extensions', 'do it in the build'),
};

function convertNetlify(files: readonly SourceFile[], conversion: Conversion): void {
  const isNamed = (name: string) => (file: SourceFile) => basename(file.name) === name;
  const [toml, others] = [files.find(isNamed('netlify.toml')), files.filter(file => !isNamed('netlify.toml')(file))];
  const root = toml && conversion.read(toml, readToml(toml), netlify);
  // Without a configuration, the folder of the files is what is published.
  const app = conversion.draft.app(toml ? folderName(toml) : basename(conversion.draft.folder));
  const publish = root?.at('build', 'publish')?.text;
  // Next.js and others write a server into such a folder.
  const isServer = /(^|\/)\.(next|nuxt|output)\/?$/.test(publish ?? '')
    || root?.field('plugins')?.items.some(one => /plugin-(nextjs|nuxt)/.test(one.field('package')?.text ?? ''));
  if (isServer) app.set(['build', 'strategy'], 'buildpacks');
  if (!isServer && publish === undefined) app.set(['static'], toml ? '.' : relative(conversion.draft.folder, files[0].folder) || '.');
  const target = { app, isStatic: !isServer };
  // Rules of the file come before those of the configuration: https://docs.netlify.com/manage/routing/redirects/overview/#rule-processing-order
  for (const file of others.filter(isNamed('_redirects'))) {
    for (const [, one] of conversion.read(file, linesOf(file, NOTHING), netlify).fields) setLine(one, target);
  }
  if (root) convert(root, target, TABLE);
  for (const file of others.filter(isNamed('_headers'))) setHeaders(conversion.read(file, linesOf(file, NOTHING), netlify), app);
}

const NOTHING = /^\s*(#|$)/;

/** `/old /new 301`, with conditions after it: https://docs.netlify.com/manage/routing/redirects/overview/#syntax-for-the-_redirects-file */
function setLine(at: Reader, target: Target): void {
  const [from = '', ...words] = (at.text ?? '').trim().replace(/\s+#.*$/, '').split(/\s+/);
  const toAt = words.findIndex(word => /^(\/|https?:)/.test(word));
  const [status = '301', ...conditions] = words.slice(toAt + 1);
  if (toAt === -1) return at.none('it has no target', 'write the path or the URL that it redirects to');
  const isConditional = toAt > 0 || conditions.length > 0 || !/^\d{3}!?$/.test(status);
  return setRule({ at, from, to: words[toAt], status: Number(status.replace('!', '')), isConditional }, target);
}

/** A path, and its headers in lines with an indentation: https://docs.netlify.com/manage/routing/headers/#syntax-for-the-_headers-file */
function setHeaders(at: Reader, app: AppDraft): void {
  let isOfAll = false;
  const values = new Map<string, { readonly at: Reader; readonly text: string }[]>();
  for (const [, one] of at.fields) {
    const [, name, value] = /^\s+([\w-]+)\s*:\s*(.*?)\s*$/.exec(one.text ?? '') ?? [];
    if (name === undefined) {
      isOfAll = isEverything(one.text?.trim() ?? '');
      one.taken(isOfAll ? app.shown(['http', 'responseHeaders']) : 'the paths of the headers');
    } else {
      const before = isOfAll ? values.get(name.toLowerCase()) ?? [] : [];
      setOne(name, one, isOfAll, app, [...before.map(({ text }) => text), value].join(', '));
      if (isOfAll) values.set(name.toLowerCase(), [...before, { at: one, text: value }]);
    }
  }
}

function setOne(name: string, at: Reader, isOfAll: boolean, app: AppDraft, value = at.text): void {
  // The users and their passwords, in place of a header: https://docs.netlify.com/manage/security/secure-access-to-sites/basic-auth/
  if (/^basic-auth$/i.test(name)) at.none('it has passwords, which are not copied', 'write access: { password: { secret: … } }');
  else setHeader(name, at, isOfAll, app, value);
}

/** https://docs.netlify.com/manage/routing/redirects/redirect-options/ */
function setTable(at: Reader, target: Target): void {
  const options = ['conditions', 'query', 'params', 'signed', 'headers', 'rate_limit', 'role'];
  setRule({
    at,
    from: at.field('from')?.text ?? '',
    to: at.field('to')?.text ?? '',
    status: at.field('status')?.number ?? 301,
    isConditional: options.some(name => at.field(name)),
  }, target);
}

interface WrittenRule {
  readonly at: Reader;
  readonly from: string;
  readonly to: string;
  readonly status: number;
  readonly isConditional: boolean;
}

function setRule({ at, from, to, status, isConditional }: WrittenRule, { app, isStatic }: Target): void {
  if (isConditional) return at.none('redirects have no conditions', 'do it in the app');
  if (status === 200) {
    if (isStatic && isEverything(from) && /^\/(index\.html)?$/.test(to)) {
      return at.taken('index.html is the answer where there is no page, unless the site has a 404.html');
    }
    return /^https?:/.test(to)
      ? at.none('requests are not sent on to other hosts', 'call that host from the app, or its pages')
      : at.none('paths are not rewritten', 'answer them in the app');
  }
  if (status === 404 && /^\/404(\.html)?$/.test(to)) return at.taken('404.html is the page of errors');
  if (status >= 400) return at.none('errors are pages of the app', 'name the page 404.html');
  return setRedirect({ at, from, to, permanent: status === 301 || status === 308 }, app);
}
