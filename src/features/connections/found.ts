import type { VolumeModel } from '../../model/component';
import type { Call, ConnectionsModel, DatabaseModel, ExternalSecretModel, ServiceModel } from '../../model/connections';
import type { Named } from '../../model/named';
import type { SecretKey } from '../../model/props';

/** An app, as far as its connections depend on it. */
export type Consumer = Pick<Named, 'name' | 'namespace' | 'platform'>;

/** What the connections of an app become, while one after the other is looked at. */
export class Found implements ConnectionsModel {
  public readonly env: { [variable: string]: string } = {};
  public readonly secretEnv: { [variable: string]: SecretKey } = {};
  public readonly variables: { variable: string; connection: string }[] = [];
  public readonly volumes: VolumeModel[] = [];
  public readonly databases: DatabaseModel[] = [];
  public readonly externalSecrets: ExternalSecretModel[] = [];
  public readonly calls: Call[] = [];
  public readonly services: { [connection: string]: ServiceModel } = {};

  constructor(public readonly app: Consumer) {}

  public fixed(connection: string, variable: string, value: string): void {
    this.env[variable] = value;
    this.variables.push({ variable, connection });
  }

  public fromSecret(connection: string, variable: string, key: SecretKey): void {
    this.secretEnv[variable] = key;
    this.variables.push({ variable, connection });
  }
}
