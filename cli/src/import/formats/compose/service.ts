import type { AppDraft, Steps } from '../../draft';
import type { Reader } from '../../reader';
import type { ServiceType } from '../../shared/services';
import type { Mounted } from '../../shared/volumes';
import type { Neighbor } from '../../shared/wiring';

/** A service of a Compose file, and what it becomes. */
export interface Service {
  readonly name: string;
  readonly at: Reader;

  /** What it is if it is a database or the like, which becomes a connection. */
  readonly type?: ServiceType;

  /** Whether several apps use it. */
  shared?: boolean;

  /** The app that it is, or that it is a process of. */
  app?: AppDraft;

  /** Where the process is in the app: empty for the app itself. */
  process: Steps;
  role: Role;
}

/**
 * - `web`: it gets requests
 * - `worker`: it gets none
 * - `release`: it runs once, before others start
 * - `connection`: a database or the like
 * - `none`: it is not imported
 */
export type Role = 'web' | 'worker' | 'release' | 'connection' | 'none';

/** What is known of all services while each is converted. */
export interface Project {
  readonly services: ReadonlyMap<string, Service>;

  /** The top of the file: its volumes, secrets and configs. */
  readonly root: Reader;

  /** The folder that paths start from. */
  readonly folder: string;

  /** The app that has a named volume, and the name there. */
  readonly volumes: Mounted;
}

/** A service while it is converted. */
export interface Target {
  readonly service: Service;
  readonly app: AppDraft;
  readonly project: Project;
}

/** The container ports of a service, as it publishes or exposes them. */
export interface Port {
  readonly at: Reader;
  readonly port: number;
  readonly udp: boolean;
}

/** @see https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ports */
export function portsOf(service: Reader): Port[] {
  return ['ports', 'expose'].flatMap(key => service.field(key)?.items ?? []).flatMap(at => {
    if (at.isMap) {
      const port = at.field('target')?.number;
      return port === undefined ? [] : [{ at, port, udp: at.field('protocol')?.text === 'udp' }];
    }
    // `127.0.0.1:8080:80/tcp`, `[::1]:8080:80`, `8000-8002:80-82`: the first port of a range.
    const [, digits, protocol] = /^(?:.*:)?(\d+)(?:-\d+)?(?:\/(\w+))?$/.exec(at.text ?? '') ?? [];
    return digits === undefined ? [] : [{ at, port: Number(digits), udp: protocol === 'udp' }];
  });
}

/** The services that `depends_on` or `links` names. */
export function nameList(at: Reader | undefined): [name: string, at: Reader][] {
  if (!at) return [];
  if (at.isMap) return at.fields;
  return at.items.flatMap((item): [string, Reader][] => (item.text === undefined ? [] : [[item.text.split(':')[0], item]]));
}

/** The services as those of one of them know them. */
export function neighborsOf({ services }: Project): Neighbor[] {
  return [...services.values()].map(({ role, app, ...service }) => ({
    ...service,
    app: role === 'web' ? app : undefined,
    variable: name => service.at.at('environment', name)?.text,
  }));
}
