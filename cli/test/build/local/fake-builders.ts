import { DIGEST, REPOSITORY } from './local-build';

/** The value of a flag, in a script. */
const flag = (name: string) => `$(echo "$*" | sed 's/.*${name} \\([^ ]*\\).*/\\1/')`;

/** What a builder records of a folder with a source. */
const record = (folder: string) => `cp -R "${folder}" "$RECORDS/context"; ls -lR "${folder}" > "$RECORDS/files"`;

/** The source that a builder has got. */
const lastArgument = '$(echo "$*" | sed "s/.* //")';

/**
 * Docker with its daemon and buildx.
 *
 * @param stored how many images of a source it has
 */
export function docker(
  { driver = 'docker', daemon = true, status = '', info = '[["Backing Filesystem","extfs"]]', stored = 0 } = {},
): string {
  const current = { Name: 'mine', Current: true, Driver: driver, Nodes: [{ Status: status || (daemon ? 'running' : 'inactive') }] };
  const other = { Name: 'other', Current: false, Driver: 'remote', Nodes: [{ Status: 'running' }] };
  return `case "$*" in
    "version "*) ${daemon ? 'echo \'[{"Name":"Engine"}]\'' : 'echo "Cannot connect to the Docker daemon" >&2; exit 1'};;
    "buildx ls "*) echo '${JSON.stringify(other)}'; echo '${JSON.stringify(current)}';;
    "info "*) echo '${info}';;
    "image inspect "*-${stored + 1}) exit 1;;
    "image inspect "*) ${stored > 0 ? 'exit 0' : 'exit 1'};;
    "image save "*) echo archive > "${flag('--output')}";;
    "buildx build "*)
      env > "$RECORDS/env"
      tar -tf - > "$RECORDS/files"
      echo '#1 building' >&2
      case "$*" in *--metadata-file*)
        echo '{"buildx.build.ref":"x","containerimage.digest": "${DIGEST}"}' > "${flag('--metadata-file')}";;
      esac;;
  esac`;
}

/** Docker without a daemon, whose buildx has a BuildKit that runs elsewhere. */
export const ELSEWHERE = { driver: 'remote', daemon: false, status: 'running' };

/** Docker without buildx. */
export const CLASSIC_DOCKER = `case "$*" in
  "version "*) echo '[{"Name":"Engine"}]';;
  "buildx "*) exit 1;;
  "build "*) env > "$RECORDS/env"; tar -tf - > "$RECORDS/files";;
  "image inspect --format "*) echo '["other@sha256:0","${REPOSITORY}@${DIGEST}"]';;
  "image inspect "*) exit 1;;
esac`;

/** Podman and buildah. */
export const PODMAN = `case "$*" in
  "build "*) env > "$RECORDS/env"; ${record(lastArgument)};;
  *--digestfile*) echo '${DIGEST}' > "${flag('--digestfile')}";;
  "inspect "*) exit 1;;
esac`;

export const NERDCTL = `case "$*" in
  *build*--iidfile*) env > "$RECORDS/env"; ${record(lastArgument)}; echo '${DIGEST}' > "${flag('--iidfile')}";;
  *"image inspect "*) exit 1;;
esac`;

export const PACK = `case "$*" in
  "build "*)
    env > "$RECORDS/env"; ${record(flag('--path'))}
    case "$*" in *--publish*)
      printf '[image]\\ntags = ["a"]\\ndigest = "${DIGEST}"\\n' > "${flag('--report-output-dir')}/report.toml";;
    esac;;
esac`;
