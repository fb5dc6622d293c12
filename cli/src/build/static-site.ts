import { posix } from 'node:path';
import { folderRules } from './folder-rules';
import { hashedFiles } from './hashed-names';
import type { IgnoreRules } from './ignore-rules';
import { nginxConfig } from './nginx';
import type { SourceOptions } from './read-source';

/** Where our own files are. It starts with a dot, so no file of a site is there. */
const OURS = '.webapp';

/**
 * The web server of static sites: nginx, from its makers' image for pods without privileges. The tag is a minor version of the stable
 * branch: it gets fixes. Caddy's image does not start where all capabilities are dropped, since its binary has one; static-web-server sets
 * headers by glob patterns, which do not tell a content hash.
 *
 * @see https://github.com/nginx/docker-nginx-unprivileged
 * @see https://github.com/caddyserver/caddy-docker/blob/master/Dockerfile.tmpl
 * @see https://static-web-server.net/features/custom-http-headers/
 */
const NGINX_IMAGE = 'docker.io/nginxinc/nginx-unprivileged:1.30-alpine-slim';

/**
 * What is built of a static site: its folder, a Dockerfile and the configuration of the server. The Dockerfile runs nothing, so any builder
 * can build it for any platform.
 *
 * @param folder the absolute path of the project
 * @param site the folder of the site in it; `.` for the folder itself
 */
export function staticSite(folder: string, site: string): Pick<SourceOptions, 'part' | 'generate'> & { readonly dockerfile: string } {
  const dockerfile = `${OURS}/Dockerfile`;
  return {
    dockerfile,
    // What a build has written is usually ignored by Git, and all of it is for the site.
    part: { folder: site === '.' ? '' : site, rules: new SiteRules(site === '.' ? folderRules(folder).rules : undefined) },
    generate: paths => {
      const served = paths.map(path => (site === '.' ? `/${path}` : path.slice(site.length)));
      const config = nginxConfig({ hasNotFoundPage: served.includes('/404.html'), hashed: hashedFiles(served) });
      return [
        { path: dockerfile, text: dockerfileOf(site) },
        { path: `${OURS}/nginx.conf`, text: config },
        { path: `${OURS}/start.sh`, text: START },
      ];
    },
  };
}

/** What is never served does not become part of the image either. */
class SiteRules implements IgnoreRules {
  public readonly keepsEmptyFolders = false;

  constructor(private readonly rules?: IgnoreRules) {}

  public ignores(path: string, isFolder: boolean): boolean {
    return isHidden(path) || this.rules?.ignores(path, isFolder) === true;
  }

  public inFolder(path: string): IgnoreRules | undefined {
    if (isHidden(path)) return undefined;
    if (!this.rules) return this;
    const inside = this.rules.inFolder(path);
    return inside && new SiteRules(inside);
  }
}

function isHidden(path: string): boolean {
  const name = posix.basename(path);
  return name.startsWith('.') && name !== '.well-known';
}

/** `NGINX_IMAGE` is for clusters that have images from a mirror. */
function dockerfileOf(site: string): string {
  return `ARG NGINX_IMAGE=${NGINX_IMAGE}
FROM \${NGINX_IMAGE}
COPY ${JSON.stringify([`${OURS}/nginx.conf`, `${OURS}/start.sh`, '/etc/webapp/'])}
COPY ${JSON.stringify([`${site}/`, '/site/'])}
ENTRYPOINT ["/bin/sh", "/etc/webapp/start.sh"]
EXPOSE 8080
`;
}

/** nginx does not know the environment. A container without IPv6 has no such addresses to listen on. */
const START = `port=\${PORT:-8080}
echo "listen $port;" > /tmp/listen.conf
if [ -e /proc/net/if_inet6 ]; then echo "listen [::]:$port;" >> /tmp/listen.conf; fi
exec nginx -e stderr -c /etc/webapp/nginx.conf
`;
