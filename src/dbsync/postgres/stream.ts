/** Reading a slot: PostgreSQL manual, "Streaming Replication Protocol". */
import type pg from 'pg';
import { DatabaseAway } from '../model.ts';
import { explained, type PgServer } from './connect.ts';
import { LetGo, leavingMark } from './leave.ts';
import { publicationName } from './names.ts';
import { type Message, parseMessage } from './pgoutput.ts';

export interface SlotStream {
  /** Lets the server forget what is before `lsn`; also answers its question whether we are alive. */
  confirm(lsn: bigint): void;
  /** While paused nothing is read, so the sender waits. */
  pause(isPaused: boolean): void;
  close(): Promise<void>;
  /** Rejects when the stream ends for any reason but `close`. */
  readonly ended: Promise<void>;
}

export interface SlotEvents {
  message(message: Message): void;
  /** Everything up to this place has been sent. */
  reached(lsn: bigint): void;
}

/** What `pg` has on its connection but does not declare. */
interface RawConnection {
  on(name: 'copyData', listener: (message: { readonly chunk: Buffer }) => void): void;
  on(name: 'message', listener: () => void): void;
  once(name: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
  readonly stream: { pause(): void; resume(): void; destroy(): void };
}

const statusBytes = 34;
/** Milliseconds from 1970 to 2000, from where the protocol counts. */
const epochMs = 946_684_800_000;

/** 'r': received, flushed, applied, our clock, whether we want an answer. */
export function standbyStatus(lsn: bigint, now: number): Buffer {
  const bytes = Buffer.alloc(statusBytes);
  bytes.write('r', 0, 'latin1');
  for (const at of [1, 9, 17]) bytes.writeBigUInt64BE(lsn, at);
  bytes.writeBigInt64BE(BigInt(Math.round(now - epochMs)) * 1000n, 25);
  return bytes;
}

/** The server says after this time that we are gone; we say the same of it. */
const silentMs = 20_000;
const statusMs = 3000;

function take(chunk: Buffer, events: SlotEvents): 'answer' | 'nothing' {
  const kind = chunk[0];
  if (kind === 0x77) events.message(parseMessage(chunk.subarray(25)));
  if (kind !== 0x6b) return 'nothing';
  events.reached(chunk.readBigUInt64BE(1));
  return chunk[17] === 1 ? 'answer' : 'nothing';
}

/** Throws LetGo, with the connection ended, while cPanel drops or renames the database. */
async function mayStay(server: PgServer, database: string, client: pg.Client): Promise<void> {
  try {
    const { rows } = await client.query<{ value: string }>(leavingMark);
    if (rows.length > 0) throw new LetGo(`${server.side.name}: ${database} is let go of.`);
  } catch (error) {
    await client.end();
    throw explained(server.side, error);
  }
}

/** Begins to read. Throws DatabaseFailed while another process reads this slot. */
export async function openSlot(
  server: PgServer,
  database: string,
  slot: string,
  events: SlotEvents,
): Promise<SlotStream> {
  const client: pg.Client = await server.replicationClient(database);
  await mayStay(server, database, client);
  // The library has it and does not declare it.
  const connection = (client as unknown as { readonly connection: RawConnection }).connection;
  let confirmed = 0n;
  let heard = performance.now();
  let isPaused = false;
  const say = (): void => connection.sendCopyFromChunk(standbyStatus(confirmed, Date.now()));
  connection.on('copyData', ({ chunk }) => {
    heard = performance.now();
    try {
      if (take(chunk, events) === 'answer') say();
    } catch (error) {
      failed(error);
    }
  });
  const started = new Promise<void>((resolve) => connection.once('replicationStart', resolve));
  let closing = false;
  let failed: (error: unknown) => void = () => {};
  const broken = new Promise<never>((_, reject) => {
    failed = (error) => {
      reject(explained(server.side, error));
      connection.stream.destroy();
    };
    client.on('error', failed);
    client.on('end', () => failed(new DatabaseAway(`${server.side.name}: the stream of ${database} ended.`)));
  });
  const running = client.query(
    `START_REPLICATION SLOT "${slot}" LOGICAL 0/0 (proto_version '1', publication_names '"${publicationName}"')`,
  );
  const over = Promise.race([running.then(() => failed(new Error('the stream ended'))), broken]).catch(
    (error: unknown) => {
      if (!closing) throw explained(server.side, error);
    },
  );
  const beat = setInterval(() => {
    if (!isPaused && performance.now() - heard > silentMs)
      failed(new Error(`timeout expired: silent for ${silentMs} ms`));
    else say();
  }, statusMs);
  const ended = over.then(() => undefined).finally(() => clearInterval(beat));
  // Whoever waits for `ended` hears why; that nobody does yet is no failure of its own.
  ended.catch(() => {});
  try {
    await Promise.race([started, ended]);
  } catch (error) {
    connection.stream.destroy();
    throw error;
  }
  return {
    ended,
    confirm(lsn) {
      if (lsn > confirmed) confirmed = lsn;
      say();
    },
    pause(wanted) {
      if (wanted === isPaused) return;
      isPaused = wanted;
      heard = performance.now();
      if (wanted) connection.stream.pause();
      else connection.stream.resume();
    },
    async close() {
      closing = true;
      clearInterval(beat);
      connection.stream.destroy();
      // Why it ended, if it did before, was told to whoever waits for `ended`.
      await ended.catch(() => {});
    },
  };
}
