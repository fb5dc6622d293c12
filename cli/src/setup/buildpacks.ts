import { ownObject } from './objects';
import { resolveBuilds } from '../../../src/internal';
import { BUILDPACKS_CACHE } from '../build/buildpacks-cache';
import { CLUSTER_BUILD_STRATEGY } from '../kube/types';
import type { Manifest } from '../render/synthesis';

/** The name by which platforms know it. */
export const BUILDPACKS_STRATEGY = resolveBuilds().strategies.buildpacks;

/** The builder that pack uses on a computer too. */
const BUILDER = 'docker.io/paketobuildpacks/builder-jammy-full:latest';

/**
 * Runs the phases of a build. Every variable of the container that is not its own is one of the build, and becomes a file, whatever its
 * value is. What buildpacks keep for the next build is in the registry too. Without a process that they start by default, the image starts
 * `web`, as with pack.
 *
 * @see https://github.com/buildpacks/spec/blob/main/platform.md#operations
 */
const SCRIPT = `set -euo pipefail
while IFS='=' read -r -d '' name value; do
  case $name in
    CNB_*|KUBERNETES_*|SHP_*|HOME|HOSTNAME|OLDPWD|PATH|PWD|SHLVL|TERM|_) ;;
    *) printf %s "$value" > "/platform/env/$name" ;;
  esac
done < <(env -0)
[ "$SHP_CACHE" = disabled ] || export CNB_CACHE_IMAGE="\${SHP_OUTPUT_IMAGE%:*}:${BUILDPACKS_CACHE}"
phase() {
  echo "===> $1"
  "/cnb/lifecycle/$@"
}
phase analyzer "$SHP_OUTPUT_IMAGE"
phase detector
phase restorer
phase builder
process=()
grep -q buildpack-default-process-type "$CNB_LAYERS_DIR/config/metadata.toml" || process=(-process-type web)
phase exporter -report /tmp/report.toml "\${process[@]}" "$SHP_OUTPUT_IMAGE"
sed -n 's/^ *digest *= *"\\(.*\\)"/\\1/p' /tmp/report.toml | tr -d '\\n' > "$(results.shp-image-digest.path)"
`;

/**
 * A ClusterBuildStrategy for Cloud Native Buildpacks. Shipwright's own keep the layers of an image below `/tmp`, where a container of an
 * app mounts a volume, so that its processes are not found; they also cut the variables of a build, and have 1 GiB of memory.
 *
 * @see https://shipwright.io/docs/build/buildstrategies/
 * @see https://github.com/shipwright-io/build/blob/main/samples/v1beta1/buildstrategy/buildpacks-v3/buildstrategy_buildpacks-v3_cr.yaml
 */
export function buildpacksStrategy({ name = BUILDPACKS_STRATEGY, builder = BUILDER } = {}): Manifest {
  const env = {
    CNB_PLATFORM_API: '0.13',
    CNB_APP_DIR: '$(params.shp-source-context)',
    CNB_LAYERS_DIR: '/layers',
    CNB_NO_COLOR: 'true',
    SHP_CACHE: '$(params.cache)',
    SHP_OUTPUT_IMAGE: '$(params.shp-output-image)',
  };
  return ownObject(CLUSTER_BUILD_STRATEGY.apiVersion, CLUSTER_BUILD_STRATEGY.kind, { name }, {
    spec: {
      // The user of the builder, whom the source has to belong to.
      securityContext: { runAsUser: 1001, runAsGroup: 1000 },
      // As Shipwright's strategy buildkit has it.
      parameters: [{ name: 'cache', description: 'registry or disabled', type: 'string', default: 'registry' }],
      volumes: ['layers', 'platform-env'].map(volume => ({ name: volume, emptyDir: {} })),
      steps: [{
        name: 'build-and-push',
        image: builder,
        env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
        command: ['/bin/bash', '-c', SCRIPT],
        volumeMounts: [{ name: 'layers', mountPath: env.CNB_LAYERS_DIR }, { name: 'platform-env', mountPath: '/platform/env' }],
        resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '4Gi' } },
      }],
    },
  });
}
