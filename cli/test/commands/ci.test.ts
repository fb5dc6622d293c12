import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { call } from '../call';
import { Folder } from '../folder';

const APP = 'name: web\nnamespace: shop\nimage: ghcr.io/acme/web:1\nhosts: [web.example.com]\n';
const STAGING = `${APP}environments: { staging: { namespace: shop-staging }, preview: {} }\n`;

interface Step { readonly run?: string; readonly uses?: string; readonly env?: object }
interface Workflow {
  readonly on: { readonly push: { readonly branches: string[] }; readonly workflow_dispatch?: null };
  readonly permissions: object;
  readonly defaults?: object;
  readonly jobs: { readonly [name: string]: { readonly if: string; readonly environment?: string; readonly steps: Step[] } };
}
type Pipeline = { readonly stages: string[] } & { readonly [job: string]: { readonly script: string[]; readonly before_script: string[] } };

function repository(file = STAGING, at = 'webapp.yaml'): Folder {
  const folder = new Folder({ [at]: file });
  mkdirSync(join(folder.path, '.git'));
  return folder;
}

const github = (folder: Folder): Workflow => parse(folder.read('.github/workflows/webapp.yml'));
const gitlab = (folder: Folder): Pipeline => parse(folder.read('.gitlab-ci.yml'));
const linesOf = ({ jobs }: Workflow, job: string) => jobs[job].steps.flatMap(({ run }) => run?.split('\n') ?? []);

/** The command lines of the command in a pipeline. */
function commandsIn(text: string): string[] {
  const lines = [...text.matchAll(/^\s*(?:- run: |- )?(webapp [^\n>]+)/gm)].map(([, line]) => line);
  return lines.map(line => line.replace(/"/g, '').replace(/\$\w+/g, '12').trim());
}

describe('webapp ci github', () => {
  test('deploys the main branch to staging, and promotes it by hand', async () => {
    const folder = repository();
    const { code, err } = await folder.call('ci github');
    expect(code).toBe(0);
    expect(err).toContain('✓ Wrote .github/workflows/webapp.yml\nNext: gh secret set KUBECONFIG');
    const workflow = github(folder);
    expect(workflow.on.push.branches).toEqual(['main']);
    expect(linesOf(workflow, 'deploy').at(-1)).toBe('webapp deploy --env staging');
    expect(linesOf(workflow, 'promote').at(-1)).toBe('webapp promote staging default --yes');
    expect(workflow.jobs.deploy.environment).toBe('staging');
    expect(workflow.jobs.promote.environment).toBe('production');
  });

  test('gives each pull request a preview, and removes it', async () => {
    const folder = repository();
    await folder.call('ci github');
    const workflow = github(folder);
    expect(linesOf(workflow, 'preview').some(line => line.startsWith('webapp preview up "pr-$NUMBER"'))).toBe(true);
    expect(linesOf(workflow, 'remove-preview').at(-1)).toBe('webapp preview down "pr-$NUMBER" --yes');
    for (const job of ['preview', 'remove-preview']) {
      expect(workflow.jobs[job].if).toContain('github.event.pull_request.head.repo.full_name == github.repository');
    }
  });

  test('may read the repository and nothing else, and names the major version of each action', async () => {
    const folder = repository();
    await folder.call('ci github');
    const { permissions, jobs } = github(folder);
    expect(permissions).toEqual({ contents: 'read' });
    const uses = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(step => step.uses ?? []));
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  test('puts no text of a pull request into a shell', async () => {
    const folder = repository();
    await folder.call('ci github');
    for (const { steps } of Object.values(github(folder).jobs)) for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  test('promotes nothing where the file has one environment', async () => {
    const folder = repository(APP);
    await folder.call('ci github');
    const workflow = github(folder);
    expect(Object.keys(workflow.jobs)).toEqual(['deploy', 'preview', 'remove-preview']);
    expect(workflow.on).not.toHaveProperty('workflow_dispatch');
    expect(linesOf(workflow, 'deploy').at(-1)).toBe('webapp deploy');
    expect(workflow.jobs.deploy.environment).toBe('production');
  });

  test('works in the folder of the file', async () => {
    const folder = repository(STAGING, 'apps/web/webapp.yaml');
    await folder.call('ci github', 'apps/web');
    expect(github(folder).defaults).toEqual({ run: { 'working-directory': 'apps/web' } });
  });

  test('is for other environments and branches with flags', async () => {
    const folder = repository(`${APP}environments: { test: {}, 'on': {}, live: {} }\n`);
    await folder.call('ci github --env test --promote-to live --branch release/1');
    const workflow = github(folder);
    expect(workflow.on.push.branches).toEqual(['release/1']);
    expect(linesOf(workflow, 'promote').at(-1)).toBe('webapp promote test live --yes');
    await folder.call('ci github --env on --promote-to test --yes');
    expect(github(folder).jobs.deploy.environment).toBe('on');
    expect(await folder.call('ci github --env tset --yes')).toMatchObject({ code: 1, err: expect.stringContaining('no environment tset') });
  });
});

describe('webapp ci gitlab', () => {
  test('deploys the main branch to staging, promotes it by hand, and gives each merge request a preview', async () => {
    const folder = repository();
    const { code, err } = await folder.call('ci gitlab');
    expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('Next: create the CI/CD variable KUBECONFIG of type File') });
    const pipeline = gitlab(folder);
    expect(pipeline.stages).toEqual(['deploy', 'promote']);
    expect(pipeline.deploy.script).toEqual(['webapp deploy --env staging']);
    expect(pipeline.promote).toMatchObject({
      script: ['webapp promote staging default --yes'],
      environment: { name: 'production' },
      rules: [{ when: 'manual', allow_failure: true }],
    });
    expect(pipeline.preview).toMatchObject({ environment: { on_stop: 'remove preview' } });
    expect(pipeline['remove preview']).toMatchObject({
      script: ['webapp preview down "mr-$CI_MERGE_REQUEST_IID" --yes'], environment: { action: 'stop' }, rules: [{ when: 'manual' }],
    });
  });

  test('works in the folder of the file', async () => {
    const folder = repository(APP, 'apps/web/webapp.yaml');
    await folder.call('ci gitlab', 'apps/web');
    expect(gitlab(folder)['.webapp'].before_script.at(-1)).toBe('cd "apps/web"');
    expect(gitlab(folder).stages).toEqual(['deploy']);
  });
});

describe.each(['github', 'gitlab'])('webapp ci %s', system => {
  const path = system === 'github' ? '.github/workflows/webapp.yml' : '.gitlab-ci.yml';

  test('calls commands that exist, with flags that they have', async () => {
    const folder = repository();
    const commands = commandsIn((await folder.call(`ci ${system} --output -`)).out);
    expect(commands.map(line => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'webapp deploy', 'webapp preview', 'webapp preview', 'webapp promote',
    ]);
    for (const line of commands) {
      const words = line.split(' ').slice(1);
      expect(await call([...words, '--kubeconfig', '/nowhere/kubeconfig'], { cwd: folder.path })).toMatchObject({
        code: 1, err: expect.stringContaining('no kubeconfig found'),
      });
    }
  });

  test('never overwrites a file without asking', async () => {
    const folder = repository();
    await folder.call(`ci ${system}`);
    folder.write(path, 'mine\n');
    expect(await folder.call(`ci ${system}`)).toMatchObject({ code: 1, err: expect.stringContaining(`${path} already exists`) });
    const answer = (text: string) => ({ cwd: folder.path, interactive: true, ask: async () => text });
    expect(await call(['ci', system], answer(''))).toMatchObject({ code: 1 });
    expect(folder.read(path)).toBe('mine\n');
    expect(await call(['ci', system], answer('y'))).toMatchObject({ code: 0 });
    expect(folder.read(path)).not.toBe('mine\n');
  });

  test('writes to another file, or to standard output', async () => {
    const folder = repository();
    const { out } = await folder.call(`ci ${system} --output -`);
    expect(folder.list()).not.toContain(path.split('/')[0]);
    await folder.call(`ci ${system} --output ci/pipeline.yml`);
    expect(folder.read('ci/pipeline.yml')).toBe(out);
  });
});

const MODULES = join(__dirname, '../../../node_modules');

/** The problems that GitHub's own parser finds in a workflow. */
function problemsOfWorkflow(path: string): string[] {
  const script = join(__dirname, 'lint-workflow.mjs');
  return JSON.parse(execFileSync(process.execPath, [join(MODULES, 'tsx/dist/cli.mjs'), script, path], { encoding: 'utf8' }));
}

/** What Node.js 20 lacks, and the program needs. */
const UNION = 'Set.prototype.union ??= function (other) { return new Set([...this, ...other]); }';

/** Whether a pipeline is valid by GitLab's schema, and what the program prints. */
function checkedPipeline(folder: Folder): { readonly status: number | null; readonly printed: string } {
  execFileSync('git', ['init', '--quiet'], { cwd: folder.path });
  const args = ['--import', `data:text/javascript,${encodeURIComponent(UNION)}`, join(MODULES, 'gitlab-ci-local/dist/index.js'), '--list'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder.path, encoding: 'utf8' });
  return { status, printed: stdout + stderr };
}

describe('the linters of the systems', () => {
  const VARIANTS: [string, string, string[]][] = [
    ['an app with staging', STAGING, []],
    ['an app without environments', APP, []],
    ['other environments and another branch', `${APP}environments: { 'test env': {}, live: {} }\n`,
      ['--env', 'test env', '--promote-to', 'live', '--branch', "release/it's"]],
  ];

  test.each(VARIANTS)('find no problem in the workflow of %s', async (_, file, words) => {
    const folder = repository(file);
    expect(await call(['ci', 'github', ...words], { cwd: folder.path })).toMatchObject({ code: 0 });
    expect(problemsOfWorkflow(join(folder.path, '.github/workflows/webapp.yml'))).toEqual([]);
  });

  test.each([
    ['timeout-minutes', 'timeout-minuts', "Unexpected value 'timeout-minuts'"],
    ["== 'push'", "= 'push'", "Unexpected symbol: '='"],
  ])('find the problems of a workflow that has %s as %s', async (right, wrong, problem) => {
    const folder = repository();
    await folder.call('ci github');
    const path = '.github/workflows/webapp.yml';
    folder.write(path, folder.read(path).replace(right, wrong));
    expect(problemsOfWorkflow(join(folder.path, path)).join('\n')).toContain(problem);
  });

  test.each(VARIANTS)('find no problem in the pipeline of %s', async (_, file, words) => {
    const folder = repository(file);
    expect(await call(['ci', 'gitlab', ...words], { cwd: folder.path })).toMatchObject({ code: 0 });
    const { status, printed } = checkedPipeline(folder);
    expect({ status, printed }).toEqual({ status: 0, printed: expect.stringContaining('json schema validated') });
  });

  test('find the problems of a pipeline that has some', async () => {
    const folder = repository();
    await folder.call('ci gitlab');
    folder.write('.gitlab-ci.yml', folder.read('.gitlab-ci.yml').replace('resource_group: webapp-deploy', 'resource_grop: webapp-deploy'));
    const { status, printed } = checkedPipeline(folder);
    expect({ status, printed }).toEqual({ status: 1, printed: expect.stringContaining("'resource_grop' property is not expected") });
  });
});
