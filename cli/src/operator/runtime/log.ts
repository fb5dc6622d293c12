/**
 * The log of the operator: one line per message, as JSON for programs or as text for people.
 *
 * There is no library: what pino adds (transports, child processes, redaction) would only be more to bundle and to keep up to date.
 */

/** From the most talkative on. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = typeof LOG_LEVELS[number];

export const LOG_FORMATS = ['json', 'text'] as const;
export type LogFormat = typeof LOG_FORMATS[number];

/** What a message is about, such as `app`, `namespace` and `release`. Errors are written as their message; undefined is omitted. */
export interface LogFields {
  readonly [field: string]: unknown;
}

export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;

  /** A logger whose messages have these fields too. */
  with(fields: LogFields): Logger;
}

export interface LogOptions {
  readonly format: LogFormat;

  /** Messages below it are not written. */
  readonly level: LogLevel;

  /** Writes a line, which ends with a line feed. */
  readonly write: (line: string) => void;

  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export function createLogger(options: LogOptions, common: LogFields = {}): Logger {
  const log = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(options.level)) return;
    const entry = { time: new Date(options.now()).toISOString(), level, message, fields: plain({ ...common, ...fields }) };
    options.write(`${options.format === 'json' ? asJson(entry) : asText(entry)}\n`);
  };
  return {
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    with: fields => createLogger(options, { ...common, ...fields }),
  };
}

interface Entry {
  readonly time: string;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

/** `time`, `level` and `msg` come first, and no field replaces them. */
function asJson({ time, level, message, fields }: Entry): string {
  const own = { time, level, msg: message };
  return JSON.stringify({ ...own, ...fields, ...own });
}

function asText({ time, level, message, fields }: Entry): string {
  const { stack, ...rest } = fields;
  const named = Object.entries(rest).map(([name, value]) => ` ${name}=${shown(value)}`).join('');
  const trace = typeof stack === 'string' ? stack.split('\n').map(line => `\n    ${line.trim()}`).join('') : '';
  return `${time} ${level.toUpperCase().padEnd(5)} ${shownMessage(message)}${named}${trace}`;
}

/** A value that contains no space is written as it is. */
function shown(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value)) return value;
  return JSON.stringify(value);
}

/** One message is one line. */
function shownMessage(message: string): string {
  return message.replace(/\s*\n\s*/g, ' ');
}

function plain(fields: LogFields): LogFields {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.flatMap(([name, value]): [string, unknown][] => {
    if (!(value instanceof Error)) return [[name, value]];
    // An error that is a mistake of the program takes its stack to find.
    const isMistake = [TypeError, ReferenceError, RangeError, SyntaxError].some(type => value instanceof type);
    return [[name, value.message || value.name], ...isMistake ? [['stack', value.stack] as [string, unknown]] : []];
  }));
}
