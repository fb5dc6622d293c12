import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as cdk8s from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import * as constructs from 'constructs';
import * as ts from 'typescript';
import { parseAllDocuments } from 'yaml';
import * as webapp from 'cdk8s-webapp';

const root = join(__dirname, '..');
const PAGES = ['README.md', 'CONTRIBUTING.md', 'cli/README.md', ...readdirSync(join(root, 'docs')).map(name => `docs/${name}`)];
const read = (page: string) => readFileSync(join(root, page), 'utf8');

/** A TypeScript snippet of a page, and the output that the page shows after it. */
interface Snippet {
  readonly title: string;
  readonly code: string;
  readonly file: string;
  readonly fails: boolean;
  readonly shows: { readonly language: string; readonly text: string }[];
}

/** Adds what pages omit from a snippet because every program has it. */
function withPreamble(code: string): string {
  if (code.includes('new App(')) return code;
  const imported = [...code.matchAll(/^import \{([^}]*)\} from 'cdk8s/gm)].flatMap(([, list]) => list.split(',').map(name => name.trim()));
  const needed = new Set([...`${code} App Chart Platform WebApp`.matchAll(/\w+/g)].map(([word]) => word));
  const names = (module: object) => Object.keys(module).filter(name => !imported.includes(name) && needed.has(name));
  return [
    `import { ${names(webapp).join(', ')} } from 'cdk8s-webapp';`,
    `import { ${names(cdk8s).filter(name => !(name in webapp)).join(', ')} } from 'cdk8s';`,
    'const app = new App();',
    ...(code.includes('new Platform(app') ? [] : ['new Platform(app, \'platform\', { domain: \'apps.example.com\' });']),
    'const chart = new Chart(app, \'shop\', { namespace: \'shop\' });',
    code,
  ].join('\n');
}

const SNIPPETS: Snippet[] = PAGES.flatMap(page => {
  const blocks = [...read(page).matchAll(/^```(.*)\n([^]*?)^```/gm)].map(([, language, text]) => ({ language, text }));
  return blocks.flatMap(({ language, text }, index) => {
    if (!language.startsWith('ts') || text.startsWith(' ')) return [];
    const next = blocks.slice(index + 1).findIndex(block => block.language.startsWith('ts'));
    const shows = blocks.slice(index + 1, next < 0 ? undefined : index + 1 + next);
    return [{
      title: `${page}, snippet ${index}`,
      code: withPreamble(text),
      file: join(root, 'test', `${page.replaceAll('/', '-')}-${index}.ts`),
      fails: language === 'ts error',
      shows,
    }];
  });
});

/** The compiler errors of snippets, as if they were files in this folder. */
function typeErrors(snippets: readonly Snippet[]): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.dev.json'), path => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  const code = new Map(snippets.map(snippet => [snippet.file, `${snippet.code}\nexport {};`]));
  host.fileExists = path => code.has(path) || fileExists(path);
  host.readFile = path => code.get(path) ?? readFile(path);
  host.getSourceFile = (path, ...rest) =>
    code.has(path) ? ts.createSourceFile(path, code.get(path)!, rest[0]) : getSourceFile(path, ...rest);
  const program = ts.createProgram([...code.keys()], { ...options, noEmit: true, noUnusedLocals: false, skipLibCheck: true }, host);
  return [...code.keys()].flatMap(path => program.getSemanticDiagnostics(program.getSourceFile(path)))
    .map(({ file, messageText }) => `${file!.fileName}: ${ts.flattenDiagnosticMessageText(messageText, '\n')}`);
}

/** The objects that a snippet writes; throws if the snippet does. */
function run(snippet: Snippet): any[] {
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022, esModuleInterop: true };
  const { outputText } = ts.transpileModule(snippet.code, { compilerOptions });
  let tree: cdk8s.App | undefined;
  class Watched extends cdk8s.App {
    constructor(props?: cdk8s.AppProps) {
      super(props);
      tree = this;
    }
    synth(): void {}
  }
  const modules: { [name: string]: object } = {
    'cdk8s': { ...cdk8s, App: Watched },
    'cdk8s-plus-27': kplus,
    'cdk8s-webapp': webapp,
    constructs,
  };
  new Function('require', 'exports', 'console', outputText)((name: string) => modules[name], {}, { warn() {} });
  return parseAllDocuments(tree!.synthYaml()).map(document => document.toJS());
}

/** Whether a value contains everything that a page shows of it; a page may show only some items of a list. */
function has(value: any, shown: any): boolean {
  if (shown === null || typeof shown !== 'object') return value === shown;
  if (Array.isArray(shown)) return Array.isArray(value) && shown.every(item => value.some(one => has(one, item)));
  return value !== null && typeof value === 'object' && Object.entries(shown).every(([key, item]) => has(value[key], item));
}

/** Every value in an object, at any depth. */
const within = (value: any): any[] => (value !== null && typeof value === 'object' ? [value, ...Object.values(value).flatMap(within)] : []);

describe('the snippets of the docs', () => {
  test('compile', () => {
    expect(typeErrors(SNIPPETS)).toEqual([]);
  });

  test.each(SNIPPETS.filter(({ fails }) => !fails))('$title writes what the page shows', snippet => {
    const objects = run(snippet);
    for (const { text } of snippet.shows.filter(({ language }) => language === 'yaml')) {
      if (/^# [\w.-]+\.yaml/.test(text)) continue;
      for (const document of parseAllDocuments(text)) {
        const shown = document.toJS();
        expect(objects.flatMap(within).some(one => has(one, shown)) ? undefined : shown).toBeUndefined();
      }
    }
  });

  test.each(SNIPPETS.filter(({ fails }) => fails))('$title fails as the page shows', snippet => {
    let message = '';
    try {
      run(snippet);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const line of snippet.shows[0].text.trim().split('\n')) expect(message).toContain(line.trim());
  });
});

/** The anchors of the headings of a page, as GitHub names them. */
const prose = (page: string) => read(page).replace(/^```.*\n[^]*?^```/gm, '');
const anchors = (page: string) => [...prose(page).matchAll(/^#+ (.*)$/gm)]
  .map(([, heading]) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'));

const LINKS = PAGES.flatMap(page => [...prose(page).matchAll(/\]\((?!https?:)([^)#\s]*)#?([^)\s]*)\)/g)]
  .map(([, path, anchor]) => ({ page, target: path === '' ? page : join(dirname(page), path), anchor })));

describe('the links of the docs', () => {
  test('point to files and headings that exist', () => {
    const exists = (target: string, anchor: string) =>
      existsSync(join(root, target)) && (anchor === '' || anchors(target).includes(anchor));
    expect(LINKS.filter(({ target, anchor }) => !exists(target, anchor))).toEqual([]);
  });

  test('reach every page from the table of contents', () => {
    const contents = LINKS.filter(({ page }) => page === 'docs/README.md').map(({ target }) => target);
    expect(PAGES.filter(page => page.startsWith('docs/') && page !== 'docs/README.md' && !contents.includes(page))).toEqual([]);
  });
});
