import type { HashedFiles } from './hashed-names';
import { ASSET, HASHED } from './hashed-names';

/** What a site has that changes how it is served. */
export interface SiteFacts {
  /** Whether it has a page for what it does not have, 404.html. */
  readonly hasNotFoundPage: boolean;

  /** Files with a hash in their name beside those whose name shows it. */
  readonly hashed: readonly HashedFiles[];
}

/**
 * The configuration of nginx for a site in /site. It runs as any user, without capabilities, on a read-only root with a writable /tmp.
 *
 * - It decides as Cloudflare Pages does what is served: https://developers.cloudflare.com/pages/configuration/serving-pages/
 * - `try_files … $uri/` makes nginx redirect to a folder with a slash, with its name escaped, which `return` would not do.
 * - `worker_processes auto` would be one for each CPU of the node.
 * - Idle connections outlive those of proxies, 90 s in Go and 60 s in ingress-nginx, so that none sends a request into one that is closed.
 */
export function nginxConfig({ hasNotFoundPage, hashed }: SiteFacts): string {
  return `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log stderr warn;

events {
    worker_connections 1024;
}

http {
    include /etc/nginx/mime.types;
    types {
        application/javascript    mjs cjs;
        application/json          map;
        application/manifest+json webmanifest;
        font/otf                  otf;
        font/ttf                  ttf;
        text/markdown             md;
        text/vtt                  vtt;
    }
    default_type application/octet-stream;
    charset utf-8;
    charset_types text/css text/markdown text/plain text/vtt text/xml
        application/javascript application/json application/manifest+json;

    client_body_temp_path /tmp/client_body;
    proxy_temp_path /tmp/proxy;
    fastcgi_temp_path /tmp/fastcgi;
    uwsgi_temp_path /tmp/uwsgi;
    scgi_temp_path /tmp/scgi;

    log_format site '$remote_addr - [$time_local] "$request" $status $body_bytes_sent '
        '"$http_referer" "$http_user_agent" "$http_x_forwarded_for"';
    access_log /dev/stdout site;
    server_tokens off;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 120s;

    gzip on;
    gzip_static on;
    gzip_comp_level 5;
    gzip_min_length 1024;
    gzip_proxied any;
    gzip_vary on;
    gzip_types text/css text/markdown text/plain text/vtt text/xml
        application/javascript application/json application/manifest+json application/wasm
        application/xml application/rss+xml application/atom+xml
        image/svg+xml image/x-icon font/otf font/ttf application/vnd.ms-fontobject;

    map $uri $cache_of_file {
        /healthz "no-store";
        "~\\.html?$" "no-cache";
        "~${HASHED}" "${FOREVER}";${hashed.map(files => `\n        "~${regexpOf(files)}" "${FOREVER}";`).join('')}
        default "public, max-age=300";
    }
    map $status $cache {
        "~^[45]" "no-cache";
        default $cache_of_file;
    }

    server {
        include /tmp/listen.conf;
        root /site;
        absolute_redirect off;
        add_header Cache-Control $cache always;

        location ~ /\\.(?!well-known(?:/|$)) {
            return 404;
        }
        ${hasNotFoundPage ? NOT_FOUND_PAGE : SINGLE_PAGE}
        location = /healthz {
            access_log off;
            try_files /healthz /healthz.html @healthy;
        }
        location @healthy {
            access_log off;
            default_type text/plain;
            return 200 "ok\\n";
        }
    }
}
`;
}

const FOREVER = 'public, max-age=31536000, immutable';

function regexpOf({ folder, extension }: HashedFiles): string {
  return `^${folder === '/' ? '' : folder.replaceAll('.', '\\.')}/[^/]+\\${extension}$`;
}

/** A folder without an index.html would be 403. */
const NOT_FOUND_PAGE = `error_page 404 /404.html;
        error_page 403 =404 /404.html;
        location / {
            try_files $uri $uri.html $uri/ =404;
        }`;

/** A part of a page, or a file for a program, is not a route of the app: what asks for it could do nothing with a page. */
const SINGLE_PAGE = `error_page 403 =200 /index.html;
        location / {
            try_files $uri $uri.html $uri/ /index.html;
        }
        location ^~ /.well-known/ {
            try_files $uri =404;
        }
        location ~* \\.(?:${ASSET})$ {
            try_files $uri =404;
        }`;
