import type { SecretKey, Trigger } from '../../index';
import type { ResolvedConnections, Service } from '../../model/connections';
import { connectionType } from '../connections/types';
import { prefixOf } from '../connections/variables';

/** A trigger of which KEDA's name and fields are known. */
export interface ResolvedTrigger extends Trigger {
  readonly type: string;
  readonly metadata: { [key: string]: string };
  /** As it was said. */
  readonly said: Trigger;
}

/**
 * KEDA's triggers for those that name a connection; the others stay what they are. A trigger on what cannot be scaled on comes out without
 * fields: the checks say so.
 */
export function resolveTriggers(triggers: readonly Trigger[], { services }: Pick<ResolvedConnections, 'services'>): ResolvedTrigger[] {
  return triggers.map(said => {
    const trigger = { ...said, said };
    const { connection, type = 'unknown', metadata = {} } = trigger;
    if (connection === undefined) return { ...trigger, type, metadata };
    const service = Object.hasOwn(services, connection) ? services[connection] : undefined;
    const scaler = service && connectionType(service.type)!.scaler;
    const name = trigger.name ?? nameOf(trigger);
    if (!service || !scaler) return { ...trigger, name, type, metadata };
    const made = SCALERS[scaler](trigger, service, String(trigger.target ?? 20));
    return { ...trigger, name, type: scaler, metadata: { ...made.metadata, ...metadata }, authentication: authentication(service, made.parameters) };
  });
}

interface Made {
  readonly metadata: { [key: string]: string };
  /** The scaler's authentication parameters, each with the key of the connection's Secret. */
  readonly parameters: { readonly [parameter: string]: string | undefined };
}

const SCALERS: { readonly [scaler: string]: (trigger: Trigger, service: Service, target: string) => Made } = {
  /** @see https://keda.sh/docs/latest/scalers/rabbitmq-queue/ */
  rabbitmq: ({ queue = '' }, { keys }, target) => ({
    metadata: { queueName: queue, mode: 'QueueLength', value: target },
    parameters: { host: keys.url },
  }),
  /** @see https://keda.sh/docs/latest/scalers/redis-lists/ */
  redis: ({ queue = '' }, { keys }, target) => ({
    metadata: { listName: queue, listLength: target, ...(keys.port === undefined ? { port: '6379' } : {}) },
    parameters: { host: keys.host, port: keys.port, username: keys.user, password: keys.password },
  }),
  /**
   * KEDA takes the brokers from no Secret, but from a variable of the app. Who signs in does so as plain text unless `metadata.sasl` says otherwise.
   *
   * @see https://keda.sh/docs/latest/scalers/apache-kafka/
   */
  kafka: ({ connection, topic = '', consumerGroup = '' }, { keys }, target) => ({
    metadata: {
      bootstrapServersFromEnv: `${prefixOf(connection!)}_BROKERS`,
      topic,
      consumerGroup,
      lagThreshold: target,
      ...(keys.password === undefined ? {} : { sasl: 'plaintext' }),
    },
    parameters: { username: keys.user, password: keys.password },
  }),
};

function authentication({ secret }: Service, parameters: Made['parameters']): Trigger['authentication'] {
  if (secret === undefined) return undefined;
  const secrets: { [parameter: string]: SecretKey } = {};
  for (const [parameter, key] of Object.entries(parameters)) if (key !== undefined) secrets[parameter] = { secret, key };
  return Object.keys(secrets).length > 0 ? { secrets } : undefined;
}

/** Two queues of one connection are told apart by their names. */
function nameOf({ connection, queue, topic }: Trigger): string {
  const end = (queue ?? topic ?? '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '');
  return end === '' ? connection! : `${connection}-${end}`.slice(0, 63).replace(/-$/, '');
}
