import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a registry asks for credentials. */
type Authentication = 'none' | 'basic' | 'token';

/** What a test says of a registry; it can be changed while it runs. */
export interface Behavior {
  /** Repositories by name, with the content of each tag. */
  repositories: { readonly [name: string]: { readonly [tag: string]: string } };
  authentication: Authentication;

  /** Passwords by user. */
  readonly users: { readonly [user: string]: string };

  /** Whether it tells the digest of a manifest, as the specification does not require. */
  tellsDigests: boolean;

  /** Whether it deletes a manifest only after its tags, as Google's registries do. */
  readonly deletesTagsFirst: boolean;

  /** Repositories that need no credentials. */
  readonly open: readonly string[];

  /** Answers in place of the registry. */
  answer?: (request: IncomingMessage, response: ServerResponse) => void;
}

export const WEB = 'the manifest of web';

export function digestOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** A registry on this computer, with the token server that it names. */
export class TestRegistry {
  public static async start(behavior: Partial<Behavior> = {}): Promise<TestRegistry> {
    const registry = new TestRegistry({
      repositories: { 'acme/web': { '1.0.0': WEB } },
      authentication: 'none',
      users: { ann: 'secret' },
      tellsDigests: true,
      deletesTagsFirst: false,
      open: [],
      ...behavior,
    });
    await new Promise<void>(resolve => registry.server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  /** The requests, such as `HEAD /v2/acme/web/manifests/1.0.0`. */
  public readonly requests: string[] = [];
  private readonly server = createServer((request, response) => this.respond(request, response));

  private constructor(public readonly behavior: Behavior) {}

  /** Its name in references to images. */
  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private respond(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url!, `http://${this.host}`);
    const { pathname: path } = url;
    this.requests.push(`${request.method} ${path}`);
    const { answer } = this.behavior;
    if (answer) return answer(request, response);
    if (path === '/token') return void this.giveToken(request, response, url);
    const [, name = '', kind = '', reference = ''] = /^\/v2\/(?:(.+)\/(manifests|tags)\/(.+))?$/.exec(path) ?? [];
    if (!this.isAllowed(request, name)) return this.challenge(response, name);
    if (kind === 'manifests') return this.manifest(request, response, { name, reference });
    if (kind === 'tags') return this.tags(response, name, url);
    send(response, 200, {});
  }

  private async giveToken(request: IncomingMessage, response: ServerResponse, { searchParams }: URL): Promise<void> {
    let form = '';
    for await (const part of request) form += String(part);
    const parameters = request.method === 'POST' ? new URLSearchParams(form) : searchParams;
    const user = request.method === 'POST' ? userOf(parameters.get('refresh_token')) : this.userOf(request);
    if (user === undefined) return send(response, 401, error('UNAUTHORIZED', 'incorrect username or password'));
    const token = Buffer.from(JSON.stringify([user, parameters.get('service'), parameters.get('scope')])).toString('base64url');
    send(response, 200, request.method === 'POST' ? { access_token: token } : { token });
  }

  /** The user of a request; `anonymous` where it has no credentials, undefined where they are wrong. */
  private userOf({ headers: { authorization } }: IncomingMessage): string | undefined {
    if (authorization === undefined) return 'anonymous';
    const [user, password] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
    return password !== undefined && this.behavior.users[user] === password ? user : undefined;
  }

  private isAllowed(request: IncomingMessage, name: string): boolean {
    const { authentication, open } = this.behavior;
    if (authentication === 'none') return true;
    const { authorization } = request.headers;
    if (authentication === 'basic') return open.includes(name) || (authorization !== undefined && this.userOf(request) !== undefined);
    if (!authorization?.startsWith('Bearer ')) return false;
    const token = Buffer.from(authorization.replace('Bearer ', ''), 'base64url').toString();
    const [user, service, scope] = JSON.parse(token) as [string, string, string | null];
    return service === 'test' && (user !== 'anonymous' || open.includes(name)) && (name === '' || scope === `repository:${name}:pull`);
  }

  private challenge(response: ServerResponse, name: string): void {
    const scope = name === '' ? '' : `,scope="repository:${name}:pull"`;
    const bearer = `Bearer realm="http://${this.host}/token",service="test"${scope}`;
    const headers = { 'www-authenticate': this.behavior.authentication === 'basic' ? 'Basic realm="registry"' : bearer };
    send(response, 401, error('UNAUTHORIZED', 'authentication required'), headers);
  }

  private manifest(
    { method }: IncomingMessage, response: ServerResponse, { name, reference }: { readonly name: string; readonly reference: string },
  ): void {
    const { repositories, tellsDigests } = this.behavior;
    const repository = repositories[name];
    if (!repository) return send(response, 404, error('NAME_UNKNOWN', 'repository name not known to registry'));
    const found = Object.entries(repository).find(([tag, text]) => tag === reference || digestOf(text) === reference);
    if (!found) return send(response, 404, error('MANIFEST_UNKNOWN', 'manifest unknown'));
    if (method === 'DELETE' && this.behavior.deletesTagsFirst && found[0] !== UNTAGGED) {
      if (found[0] !== reference) return send(response, 400, error('GOOGLE_MANIFEST_DANGLING_TAG', `it has the tag ${found[0]}`));
      const { [reference]: text, ...others } = repository;
      this.behavior.repositories = { ...repositories, [name]: { ...others, [UNTAGGED]: text } };
      return send(response, 202, '');
    }
    if (method === 'DELETE') {
      const others = Object.entries(repository).filter(([, text]) => text !== found[1]);
      this.behavior.repositories = { ...repositories, [name]: Object.fromEntries(others) };
      return send(response, 202, '');
    }
    send(response, 200, found[1], tellsDigests ? { 'docker-content-digest': digestOf(found[1]) } : {});
  }

  /** Two tags a page. */
  private tags(response: ServerResponse, name: string, { searchParams }: URL): void {
    const repository = this.behavior.repositories[name];
    if (!repository) return send(response, 404, error('NAME_UNKNOWN', 'repository name not known to registry'));
    const last = searchParams.get('last') ?? '';
    const left = Object.keys(repository).sort().filter(tag => tag > last);
    const page = left.slice(0, 2);
    if (left.length > 2) response.setHeader('link', `</v2/${name}/tags/list?n=2&last=${page[1]}>; rel="next"`);
    send(response, 200, { name, tags: page });
  }
}

/** What stands for the tag of a manifest that has none. */
const UNTAGGED = '';

/** The user whose identity token it is. */
function userOf(token: string | null): string | undefined {
  return token?.startsWith('identity-of-') ? token.slice('identity-of-'.length) : undefined;
}

function error(code: string, message: string): object {
  return { errors: [{ code, message }] };
}

function send(response: ServerResponse, status: number, body: object | string, headers: { readonly [name: string]: string } = {}): void {
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
