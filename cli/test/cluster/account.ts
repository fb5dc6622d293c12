import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubectl } from '../../../test/cluster/cluster';
import type { Rule } from '../kube/documented-roles';
import { DOCUMENTED, DOCUMENTED_BUILD } from '../kube/documented-roles';

export { DOCUMENTED, DOCUMENTED_BUILD };

/** The documented rules, without some verbs of a resource. */
export function without(resource: string, ...verbs: string[]): Rule[] {
  return DOCUMENTED.flatMap(rule => (rule.resources.includes(resource) ? [
    { ...rule, resources: rule.resources.filter(one => one !== resource) },
    { ...rule, resources: [resource], verbs: rule.verbs.filter(verb => !verbs.includes(verb)) },
  ] : [rule])).filter(({ resources, verbs: left }) => resources.length > 0 && left.length > 0);
}

const folder = mkdtempSync(join(tmpdir(), 'account-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Creates a ServiceAccount with a Role of these rules in a namespace, or in another one. */
export function createAccount(namespace: string, name: string, rules: readonly Rule[], where = namespace): void {
  const metadata = { name, namespace: where };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name };
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata, rules },
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding', metadata, roleRef, subjects },
  ];
  kubectl(['apply', '--filename', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
}

/** The path of a kubeconfig of a ServiceAccount, for the cluster in KUBECONFIG. */
export function kubeconfigOf(namespace: string, name: string): string {
  return kubeconfig(name, { token: kubectl(['create', 'token', name, '--namespace', namespace]) });
}

/** The same, with a credential plugin that logs its calls to a file. */
export function pluginKubeconfigOf(namespace: string, name: string): { readonly kubeconfig: string; readonly calls: () => number } {
  const [plugin, log] = [join(folder, `${name}-plugin`), join(folder, `${name}-calls`)];
  // Like a real plugin, it gets the caller's kubeconfig from the environment.
  writeFileSync(plugin, `#!/bin/sh
echo "$KUBERNETES_EXEC_INFO" >> ${log}
token=$(KUBECONFIG=$ADMIN kubectl create token ${name} --namespace ${namespace}) || exit 1
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"'"$token"'"}}'
`);
  chmodSync(plugin, 0o755);
  const env = [{ name: 'ADMIN', value: process.env.KUBECONFIG }];
  const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: plugin, env, interactiveMode: 'Never', provideClusterInfo: true };
  return { kubeconfig: kubeconfig(`${name}-plugin`, { exec }), calls: () => readFileSync(log, 'utf8').trim().split('\n').length };
}

function kubeconfig(name: string, user: object): string {
  const admin = JSON.parse(kubectl(['config', 'view', '--raw', '--flatten', '--minify', '--output', 'json']));
  const [{ cluster }] = admin.clusters;
  const path = join(folder, `${name}.json`);
  const config = {
    clusters: [{ name: 'it', cluster }],
    users: [{ name, user }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: name } }],
  };
  writeFileSync(path, JSON.stringify({ 'apiVersion': 'v1', 'kind': 'Config', ...config, 'current-context': 'it' }));
  return path;
}
