import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { inSources } from './stack.ts';

export type { Logger } from 'pino';

export interface LogOptions {
  /** 'fatal', 'error', 'warn', 'info', 'debug', 'trace' or 'silent'. */
  readonly level: string;
  /** Names of fields whose values are never written, at any depth up to four. */
  readonly redact: readonly string[];
  /** Default: stderr, so that stdout carries only what a command answers. */
  readonly destination?: DestinationStream;
}

const depths = ['', '*.', '*.*.', '*.*.*.'];

/** pino's path syntax: names that are no identifiers need brackets. */
function pathsOf(name: string): string[] {
  const plain = /^[A-Za-z_$][\w$]*$/.test(name);
  return depths.map((depth) => (plain ? `${depth}${name}` : `${depth.replace(/\.$/, '')}["${name}"]`));
}

/** An error without the fields that HTTP clients attach: those hold headers and bodies. Causes are in message and stack. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = stdSerializers.err(error);
  return { type, message, stack: inSources(stack), ...('code' in error ? { code: error.code } : {}) };
}

/**
 * JSON lines. Messages of `warn` and above are fixed sentences with the values in the object, so they can be grouped.
 * `redact` replaces the values of the named fields with '[secret]'.
 */
export function createLogger(options: LogOptions): Logger {
  const settings = {
    level: options.level,
    base: { pid: process.pid },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: { paths: options.redact.flatMap(pathsOf), censor: '[secret]' },
    serializers: { err: errorFields, error: errorFields },
  };
  return pino(settings, options.destination ?? pino.destination({ fd: 2, sync: true }));
}
