import { createLogger, type Logger } from '../../src/log.ts';

export interface TestLog {
  readonly log: Logger;
  /** What was logged, parsed. */
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  /** Everything as text, to search for secrets. */
  text(): string;
}

/** A logger that remembers instead of writing. */
export function testLog(redact: readonly string[] = [], level = 'trace'): TestLog {
  const entries: Record<string, unknown>[] = [];
  const log = createLogger({
    level,
    redact,
    destination: { write: (line: string) => void entries.push(JSON.parse(line)) },
  });
  return { log, entries, text: () => JSON.stringify(entries) };
}
