/** Sending many statements to a server that may be far. */
import type { RunBatch } from '../mariadb/connect.ts';
import type { Row } from '../model.ts';

/** One statement with its values. */
export type Statement = readonly [string, readonly unknown[]];

/** Statements, and letters of them, that go to the server at once. */
const mostSent = 500;
const mostBytes = 1_000_000;

/** Statements that wait for a way to the server: it may be far, and few transactions need an answer in between. */
export class Sending {
  private waiting: Statement[] = [];
  private bytes = 0;
  private readonly run: RunBatch;
  private readonly sent: () => void;
  constructor(run: RunBatch, sent: () => void) {
    this.run = run;
    this.sent = sent;
  }
  async add(statements: readonly Statement[]): Promise<void> {
    this.waiting.push(...statements);
    for (const [, values] of statements) this.bytes += String(values[0] ?? '').length;
    if (this.waiting.length >= mostSent || this.bytes >= mostBytes) await this.flush();
  }
  async flush(): Promise<void> {
    const { waiting } = this;
    this.waiting = [];
    this.bytes = 0;
    await this.run(waiting);
    if (waiting.length > 0) this.sent();
  }
  /** Sends these after all that waits, and answers the rows of each. */
  async ask(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    await this.flush();
    return await this.run(statements);
  }
}
