import { forbidden, Trouble } from '../diagnose/pods';
import type { Cluster } from '../kube/connect';
import { ApiError } from '../kube/kubernetes-api';
import type { Manifest } from '../render/synthesis';

/**
 * What of a namespace keeps every pod of a kind away, whoever makes it and when: its Pod Security Standard, its LimitRanges, a PriorityClass that
 * is not there. A quota may have room later, and a policy may ask who makes a pod.
 */
const LASTING = /violates PodSecurity|usage per (Container|Pod)|no PriorityClass/;

/**
 * Whether the pods of a workload would be refused. Pod Security judges pods when they are made, and not the Deployment that asks for
 * them: so it is shown one, as a dry-run.
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-admission/#workload-resources-and-pod-templates
 * @returns why they would; none where they would not, or who asks may not make pods
 */
export async function podTrial({ objects }: Cluster, { metadata: { namespace }, spec }: any): Promise<Trouble | undefined> {
  const template = spec?.template ?? spec?.jobTemplate?.spec.template;
  if (!template?.spec?.containers) return undefined;
  // The app's own ServiceAccount may not be there yet.
  const { serviceAccountName, serviceAccount, ...pod } = template.spec;
  const metadata = { ...template.metadata, namespace, generateName: 'webapp-trial-' };
  try {
    await objects.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: pod } as unknown as Manifest, { dryRun: true });
    return undefined;
  } catch (error) {
    return error instanceof ApiError && LASTING.test(error.message) ? forbidden(error.message, namespace) : undefined;
  }
}
