import type { Trigger } from './props';
import type { ConnectionsModel, ServiceModel } from '../../model/connections';
import type { SecretKey } from '../../model/props';
import type { TriggerModel } from '../../model/scaling';

/**
 * KEDA's triggers for those that name a connection; the others stay what they are. A trigger on what cannot be scaled on comes out without
 * fields: the checks say so.
 */
export function resolveTriggers(triggers: readonly Trigger[], { services }: Pick<ConnectionsModel, 'services'>): TriggerModel[] {
  return triggers.map(props => {
    const trigger = { ...props, props };
    const { connection, type = 'unknown', metadata = {} } = trigger;
    if (connection === undefined) return { ...trigger, type, metadata };
    const service = Object.hasOwn(services, connection) ? services[connection] : undefined;
    const scaler = service?.scaler;
    const name = trigger.name ?? nameOf(trigger);
    if (!service || !scaler) return { ...trigger, name, type, metadata };
    const made = SCALERS[scaler](trigger, service, String(trigger.target ?? 20));
    const all = { ...made.metadata, ...metadata };
    const decided = { metadata: all, perReplica: Number(all[made.target]), authentication: authentication(service, made.parameters) };
    return { ...trigger, name, type: scaler, ...decided };
  });
}

interface Made {
  readonly metadata: { [key: string]: string };
  /** The field of the metadata that has the target. */
  readonly target: string;
  /** The scaler's authentication parameters, each with the key of the connection's Secret. */
  readonly parameters: { readonly [parameter: string]: string | undefined };
}

const SCALERS: { readonly [scaler: string]: (trigger: Trigger, service: ServiceModel, target: string) => Made } = {
  /** @see https://keda.sh/docs/latest/scalers/rabbitmq-queue/ */
  rabbitmq: ({ queue = '' }, { keys }, target) => ({
    metadata: { queueName: queue, mode: 'QueueLength', value: target },
    target: 'value',
    parameters: { host: keys.url },
  }),
  /** @see https://keda.sh/docs/latest/scalers/redis-lists/ */
  redis: ({ queue = '' }, { keys }, target) => ({
    metadata: { listName: queue, listLength: target, ...(keys.port === undefined ? { port: '6379' } : {}) },
    target: 'listLength',
    parameters: { host: keys.host, port: keys.port, username: keys.user, password: keys.password },
  }),
  /**
   * KEDA takes the brokers from no Secret, but from a variable of the app. Who signs in does so as plain text unless `metadata.sasl` says
   * otherwise.
   *
   * @see https://keda.sh/docs/latest/scalers/apache-kafka/
   */
  kafka: ({ topic = '', consumerGroup = '' }, { keys, variablePrefix }, target) => ({
    metadata: {
      bootstrapServersFromEnv: `${variablePrefix}_BROKERS`,
      topic,
      consumerGroup,
      lagThreshold: target,
      ...(keys.password === undefined ? {} : { sasl: 'plaintext' }),
    },
    target: 'lagThreshold',
    parameters: { username: keys.user, password: keys.password },
  }),
};

function authentication({ secret }: ServiceModel, parameters: Made['parameters']): Trigger['authentication'] {
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
