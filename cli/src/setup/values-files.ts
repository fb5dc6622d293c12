import { chooseBuilds } from './builds';
import { isDerived } from './domain';
import type { Entry } from './entry';
import { entryObjects, ownIssuer, ownMonitoring } from './finish';
import { NOTHING } from './found';
import { chooseIssuer } from './issuer';
import { partsOf } from './parts';
import type { PlannedPart } from './plan';
import type { SetupOptions } from './setup-plan';
import { yamlOf } from './steps';
import type { ClusterIssuer } from '../kube/types';
import { formatted } from '../ui/format';

/**
 * The values of the charts, and what else a cluster needs, as a stream of YAML documents for GitOps. It depends on the options alone, and
 * not on what a cluster has.
 */
export function valuesFiles(options: SetupOptions): string {
  const { domain, issuer: flag } = options;
  const entry: Entry = { kind: 'installed', name: options.entry ?? 'traefik' };
  const planned = partsOf({ entry: entry.name, with: options.with }).map((part): PlannedPart => (
    { part, namespace: part.namespace, decision: { action: 'install' } }));
  const named = flag === undefined ? [] : [{ metadata: { name: flag } } as ClusterIssuer];
  const hasOwnDomain = domain !== undefined && !isDerived(domain);
  const issuer = chooseIssuer({ flag, entry, found: { ...NOTHING, issuers: named }, platform: {}, hasOwnDomain });
  const documents = planned.map(({ part: { title, version, source, namespace } }) => {
    const head = `# ${title} ${version}`;
    if (source.kind === 'chart') {
      const { release, repository, name } = source;
      const chart = repository.startsWith('oci://') ? repository : `${name} of ${repository}`;
      return `${head}: values of the chart ${chart}, version ${source.version}, release ${release} in namespace ${namespace}\n`
        + formatted(source.values, 'yaml');
    }
    const { manifests, then = [], annotate, objects = [] } = source;
    const annotation = annotate ? [`# Annotation of the CRDs ${annotate.crds.join(', ')}: ${annotate.annotation}`] : [];
    return [head, ...[...manifests, ...then].map(url => `# Apply ${url}`), ...annotation, yamlOf(objects)].join('\n');
  });
  const objects = [
    ...entryObjects({ entry, issuer }, hasOwnDomain ? domain : undefined), ...ownIssuer({ entry, issuer, planned, options }),
    ...options.with.includes('builds') ? chooseBuilds({ found: NOTHING, isInstalled: true }).objects : [],
    ...ownMonitoring({ planned, options }),
  ];
  return [...documents, ...objects.map(object => yamlOf([object]))].map(text => (text.endsWith('\n') ? text : `${text}\n`)).join('---\n');
}
