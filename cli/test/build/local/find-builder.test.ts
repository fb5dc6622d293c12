import { CLASSIC_DOCKER, docker, ELSEWHERE, PACK, PODMAN } from './fake-builders';
import { FakePrograms } from './fake-programs';
import { TestBuild } from './local-build';
import { readSource } from '../../../src/build/read-source';
import { Folder } from '../../folder';

const SOURCE = readSource(new Folder({ Dockerfile: 'FROM scratch' }).path);
const NO_DAEMON = docker({ daemon: false });
const SECRETS = { TOKEN: { secret: 'registry', key: 'token' } };
const TWO = ['linux/amd64', 'linux/arm64'];

describe('if no program can build, the error says why each one cannot', () => {
  test('in order', async () => {
    const programs = new FakePrograms({ docker: NO_DAEMON, podman: 'echo "Error: cannot connect to Podman" >&2; exit 125' });
    await expect(new TestBuild(programs, SOURCE).run()).rejects.toThrow(new Error([
      'no program on this computer can build web:',
      '  docker: Cannot connect to the Docker daemon',
      '  podman: cannot connect to Podman',
      '  buildah: it is not installed',
      '  nerdctl: it is not installed',
      'Install or start one of them, or build in the cluster (webapp setup --with builds)',
    ].join('\n')));
  });

  test.each([
    ['secrets without buildx', { docker: CLASSIC_DOCKER }, { secrets: SECRETS }, {},
      'docker: it has build secrets only with buildx: https://docs.docker.com/go/buildx/'],
    ['several platforms without buildx', { docker: CLASSIC_DOCKER }, { platforms: TWO }, {},
      'docker: it builds for several platforms only with buildx: https://docs.docker.com/go/buildx/'],
    ['several platforms in the daemon of docker', { docker: docker() }, { platforms: TWO }, {},
      'docker: its daemon builds for one platform; run docker buildx create --use for a builder that builds for several'],
    ['a BuildKit elsewhere, for a cluster that loads images', { docker: docker(ELSEWHERE) }, {}, { name: 'kind-dev' },
      'docker: Cannot connect to the Docker daemon'],
    ['a BuildKit elsewhere that does not run', { docker: docker({ ...ELSEWHERE, status: 'inactive' }) }, {}, undefined,
      'docker: Cannot connect to the Docker daemon'],
    ['podman by the name of docker', { docker: 'exit 125' }, {}, undefined, 'docker: it exited with code 125'],
    ['the API of podman', { docker: docker().replace('"Engine"', '"Podman Engine"') }, {}, undefined, 'docker: its daemon is podman'],
    ['podman, for a cluster that shares images with docker', { podman: PODMAN }, {}, { name: 'orbstack' },
      'podman: OrbStack does not have its images'],
    ['buildpacks without pack', { docker: docker() }, { strategy: 'buildpacks' }, undefined, 'pack: it is not installed'],
    ['pack without docker and podman', { pack: PACK, docker: NO_DAEMON }, { strategy: 'buildpacks' }, undefined,
      'pack: it needs docker or podman: docker: Cannot connect to the Docker daemon; podman: it is not installed'],
    ['pack with podman, for a cluster that shares images with docker', { pack: PACK, podman: PODMAN }, { strategy: 'buildpacks' },
      { name: 'docker-desktop' }, 'pack: it needs docker: it is not installed'],
    ['pack with podman that has no API', { pack: PACK, podman: 'case "$*" in *Socket*) echo \'{"path":"/run/podman.sock"}\';; esac' },
      { strategy: 'buildpacks' }, undefined, 'podman: its API is not running; run systemctl --user start podman.socket'],
    ['secrets in buildpacks', { pack: PACK, docker: docker() }, { strategy: 'buildpacks', secrets: SECRETS }, undefined,
      'pack: buildpacks have no build secrets; write a Dockerfile that mounts them'],
    ['several platforms in buildpacks', { pack: PACK, docker: docker() }, { strategy: 'buildpacks', platforms: TWO }, undefined,
      'pack: buildpacks build for one platform; write a Dockerfile'],
  ] as const)('%s', async (_, scripts, request, cluster, expected) => {
    const named = cluster && 'name' in cluster ? cluster : undefined;
    const build = new TestBuild(new FakePrograms(scripts), SOURCE, { cluster: named, readSecret: async () => 'x' });
    await expect(build.run(request)).rejects.toThrow(expected);
  });
});
