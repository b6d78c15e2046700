/** `tandem notify list|ack|test`: local files only, so that it works on a watcher with nothing else alive. */
import { randomBytes } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { NotifyConfig } from '../config-notify.ts';
import { AppError, Invalid, messageOf, NotFound } from '../errors.ts';
import type { Contact, OpenEvent } from './model.ts';
import { ACK_FOLDER } from './notifier.ts';
import { channelsOf } from './open.ts';
import { readOutbox } from './outbox.ts';

export interface NotifyCommandOptions {
  readonly config: NotifyConfig;
  readonly node: string;
  readonly folder: string;
  /** Who acts, for the record. */
  readonly by: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface NotifySaid {
  readonly json: unknown;
  readonly text: string;
  /** 0, or 5 where a test message was not taken. */
  readonly exit: 0 | 5;
}

/** Runs `list`, `ack KEY|--all` or `test [CONTACT]`. Throws Invalid and NotFound. */
export async function notifyCommand(words: readonly string[], options: NotifyCommandOptions): Promise<NotifySaid> {
  const [verb = 'list', about] = words;
  switch (verb) {
    case 'list':
      return list(options);
    case 'ack':
      return acknowledge(options, about);
    case 'test':
      return test(options, about);
    default:
      throw new Invalid(`there is no command notify ${verb}`, [], { hint: 'Use list, ack KEY or test [CONTACT].' });
  }
}

async function list({ folder }: NotifyCommandOptions): Promise<NotifySaid> {
  const { events, sent } = await readOutbox(folder);
  const lines = events.map((event) => {
    const told = [...sent].filter(([id, s]) => id.startsWith(`${event.key}|`) && s.state === 'delivered').length;
    const failed = [...sent].filter(([id, s]) => id.startsWith(`${event.key}|`) && s.state === 'failed').length;
    return `${stateOf(event).padEnd(13)}${new Date(event.at).toISOString()}  ${event.key}\n    ${event.sentence}  (${told} sent, ${failed} waiting to be sent)\n`;
  });
  const text = lines.length === 0 ? 'Nothing to warn of, and nothing in the last week.\n' : lines.join('');
  return { json: { events, sent: Object.fromEntries(sent) }, text, exit: 0 };
}

function stateOf(event: OpenEvent): string {
  if (event.over !== undefined) return 'over';
  return event.acknowledged === undefined ? 'open' : 'acknowledged';
}

async function acknowledge({ folder, by }: NotifyCommandOptions, key: string | undefined): Promise<NotifySaid> {
  if (key === undefined) throw new Invalid('notify ack: which event? Name its key, or --all.');
  const { events } = await readOutbox(folder);
  const open = events.filter((one) => one.over === undefined && (key === '--all' || one.key === key));
  if (open.length === 0) {
    throw new NotFound(key === '--all' ? 'no event is open' : `no event ${key} is open`, {
      hint: 'See: tandem notify list',
    });
  }
  const place = join(folder, ACK_FOLDER);
  await mkdir(place, { recursive: true, mode: 0o700 });
  for (const one of open) {
    const file = join(place, `${randomBytes(8).toString('hex')}.json`);
    await writeFile(`${file}.new`, JSON.stringify({ key: one.key, by }), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }
  const keys = open.map((one) => one.key);
  return {
    json: { acknowledged: keys },
    text: `${keys.join(', ')}: told to the node, which stops repeating it.\n`,
    exit: 0,
  };
}

/** One message over every way of the contacts, at once and past all rules, so that each gateway is seen to work. */
async function test(options: NotifyCommandOptions, name: string | undefined): Promise<NotifySaid> {
  const contacts = options.config.contacts.filter((one) => name === undefined || one.name === name);
  if (contacts.length === 0) throw new NotFound(`no contact is called ${name}`);
  const results = (await Promise.all(contacts.map((contact) => testOne(options, contact)))).flat();
  const text = results.map((one) => `${one.contact}  ${one.way}  ${one.ok ? 'taken' : one.reason}\n`).join('');
  return { json: { results }, text, exit: results.every((one) => one.ok) ? 0 : 5 };
}

interface Tried {
  readonly contact: string;
  readonly way: string;
  readonly ok: boolean;
  readonly reason?: string;
}

async function testOne(
  { config, node, clock, signal }: NotifyCommandOptions,
  contact: Contact,
): Promise<readonly Tried[]> {
  const at = clock.now();
  const event: OpenEvent = { key: 'test', severity: 'info', at, heardAt: at, sentence: 'This is a test of warnings' };
  const channels = channelsOf(config, clock);
  const ways = (['sms', 'email', 'webhook'] as const).flatMap((kind) =>
    contact[kind] === undefined ? [] : channels[kind],
  );
  return Promise.all(
    ways.map(async (way): Promise<Tried> => {
      try {
        await way.send(
          { id: `test|${contact.name}|${at}`, event, telling: { kind: 'begun', n: 1 }, contact, node },
          signal,
        );
        return { contact: contact.name, way: way.name, ok: true };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        return { contact: contact.name, way: way.name, ok: false, reason: messageOf(error) };
      }
    }),
  );
}
