import type { SecretKey } from '../../index';
import type { ResolvedVolume } from '../../model/app';
import type { Call, ResolvedConnections, ResolvedDatabase, ResolvedExternalSecret, Service } from '../../model/connections';
import type { ResolvedPlatform } from '../../platform/resolve';

/** An app, as far as its connections depend on it. */
export interface Consumer {
  readonly name: string;
  readonly namespace?: string;
  readonly platform: ResolvedPlatform;
}

/** What an app's connections come to, while one after the other is looked at. */
export class Found implements ResolvedConnections {
  public readonly env: { [variable: string]: string } = {};
  public readonly secrets: { [variable: string]: SecretKey } = {};
  public readonly variables: { variable: string; connection: string }[] = [];
  public readonly volumes: ResolvedVolume[] = [];
  public readonly databases: ResolvedDatabase[] = [];
  public readonly externalSecrets: ResolvedExternalSecret[] = [];
  public readonly calls: Call[] = [];
  public readonly services: { [connection: string]: Service } = {};

  constructor(public readonly app: Consumer) {}

  public fixed(connection: string, variable: string, value: string): void {
    this.env[variable] = value;
    this.variables.push({ variable, connection });
  }

  public fromSecret(connection: string, variable: string, key: SecretKey): void {
    this.secrets[variable] = key;
    this.variables.push({ variable, connection });
  }
}
