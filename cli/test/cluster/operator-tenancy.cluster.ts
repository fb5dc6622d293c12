import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { createAccount, kubeconfigOf } from './account';
import { OperatorInstallation } from './operator-installation';
import { OperatorProcess } from './operator-process';
import { eventually, IMAGE, SHORT_LIVED, temporaryNamespace } from '../../../test/cluster/cluster';
import type { Release } from '../../src/engine/release-store';
import { releaseSecret } from '../../src/engine/release-store';
import { connect } from '../../src/kube/connect';
import { DEPLOYMENT } from '../../src/kube/types';
import type { ConditionType, ResourceCondition } from '../../src/operator/resources';
import { WEB_APP } from '../../src/operator/resources';

/** The operator is in the process of the test, which must not block. */
const run = promisify(execFile);

const namespace = temporaryNamespace('operator-tenancy');
const other = temporaryNamespace('operator-tenancy-other');
const { objects } = connect({}, { cwd: '.', env: process.env });
/** The author writes the Secret of a release, which others may not in a namespace that is kept for a test. */
const installation = new OperatorInstallation({ namespace, namespaces: [namespace, other], kept: [other] });
const NO_PODS = { image: IMAGE, size: 'xs', health: SHORT_LIVED, scaling: { replicas: 0 } };

let operator: OperatorProcess;
let author: string[];

beforeAll(async () => {
  await installation.install();
  createAccount(namespace, 'author', [
    { apiGroups: ['cdk8s-webapp.dev'], resources: ['webapps'], verbs: ['get', 'create', 'patch'] },
    { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'patch'] },
  ]);
  author = ['--kubeconfig', kubeconfigOf(namespace, 'author'), '--namespace', namespace];
  operator = await OperatorProcess.start(namespace);
  await apply({}, 'old');
  await condition('Ready', { status: 'True' }, 'old');
});
afterAll(async () => installation.remove(operator));

async function apply(props: object, name: string, where = namespace): Promise<void> {
  await installation.apply({ ...NO_PODS, ...props }, name, where);
}

async function patch(what: string, change: object): Promise<void> {
  await run('kubectl', [...author, 'patch', ...what.split(' '), '--type', 'merge', '--patch', JSON.stringify(change)]);
}

/** Waits for a condition of the current spec. */
async function condition(
  type: ConditionType, fields: Partial<ResourceCondition>, name: string, where = namespace,
): Promise<ResourceCondition> {
  const conditions = async () => {
    const { metadata: { generation }, status } = (await objects.get({ ...WEB_APP, name, namespace: where }))!;
    return status?.observedGeneration === generation ? status?.conditions?.find(one => one.type === type) : undefined;
  };
  const found = await eventually(conditions, one => one !== undefined
    && Object.entries(fields).every(([field, value]) => one[field as keyof ResourceCondition] === value), 60);
  return found!;
}

describe('an account that may write WebApps and Secrets in its namespace', () => {
  test('cannot have the host that a younger app of another namespace serves', async () => {
    const hosts = [`young.${namespace}.example.com`];
    await apply({ hosts }, 'young', other);
    await condition('Released', { status: 'True' }, 'young', other);
    await patch('webapp old', { spec: { hosts } });
    const { message } = await condition('Accepted', { status: 'False', reason: 'Taken' }, 'old');
    expect(message).toContain(`which is a host of the namespace "${other}"`);
    await condition('Accepted', { status: 'True' }, 'young', other);
    await patch('webapp old', { spec: { hosts: null } });
    await condition('Ready', { status: 'True' }, 'old');
  });

  test('gets nothing applied by a Secret of a release that it has changed', async () => {
    const { name } = releaseSecret({ name: 'old', namespace }, 1);
    const { stdout } = await run('kubectl', [...author, 'get', 'secret', name, '--output', 'jsonpath={.data.release}']);
    const release = JSON.parse(gunzipSync(Buffer.from(stdout, 'base64')).toString()) as Release;
    const [deployment] = release.objects.filter(({ kind }) => kind === 'Deployment');
    const forged = { ...deployment, metadata: { ...deployment.metadata, name: 'old-forged', namespace: other } };
    const content = gzipSync(JSON.stringify({ ...release, objects: [...release.objects, forged] })).toString('base64');
    await operator.stop();
    await patch(`secret ${name}`, { data: { release: content } });
    await patch('webapp old', { spec: { serviceAccount: { name: 'admin' } } });
    operator = await OperatorProcess.start(namespace);
    await condition('Released', { status: 'False', reason: 'ReleaseChanged' }, 'old');
    expect(await objects.get({ ...DEPLOYMENT, name: 'old-forged', namespace: other })).toBeUndefined();
    expect(await objects.get({ ...DEPLOYMENT, name: 'old', namespace })).toBeDefined();
    await patch('webapp old', { spec: { serviceAccount: null } });
    await condition('Ready', { status: 'True' }, 'old');
  });

  test('writes no status, of which the operator remembers what apps have', async () => {
    const status = JSON.stringify({ status: { claims: ['pay.example.com/'] } });
    const write = run('kubectl', [...author, 'patch', 'webapp', 'old', '--subresource', 'status', '--type', 'merge', '--patch', status]);
    await expect(write).rejects.toThrow('forbidden');
    await patch('webapp old', { status: { claims: ['pay.example.com/'] } });
    expect((await objects.get({ ...WEB_APP, name: 'old', namespace }))!.status!.claims).toEqual([`old.${namespace}.example.com/`]);
  });
});
