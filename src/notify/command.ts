/** `tandem notify list|ack|test`: local files only, so that it works on a watcher with nothing else alive. */
import type { Clock } from '../clock.ts';
import type { NotifyConfig } from '../config-notify.ts';
import { AppError, Invalid, messageOf, NotFound } from '../errors.ts';
import type { Contact, OpenEvent } from './model.ts';
import { channelsOf } from './open.ts';
import { readOutbox } from './outbox.ts';
import { leaveWord } from './words.ts';

export interface NotifyCommandOptions {
  readonly config: NotifyConfig;
  readonly node: string;
  /** Of the roles on this machine: those of a worker and of a watcher. */
  readonly folders: readonly string[];
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

/** What all roles on this machine know, those that have run. */
async function readAll(folders: readonly string[]): Promise<Awaited<ReturnType<typeof readOutbox>>> {
  const all = await Promise.all(folders.map(readOutbox));
  return { events: all.flatMap((one) => one.events), sent: new Map(all.flatMap((one) => [...one.sent])) };
}

async function list({ folders }: NotifyCommandOptions): Promise<NotifySaid> {
  const { events, sent } = await readAll(folders);
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

async function acknowledge({ folders, by }: NotifyCommandOptions, key: string | undefined): Promise<NotifySaid> {
  if (key === undefined) throw new Invalid('notify ack: which event? Name its key, or --all.');
  const keys = new Set<string>();
  for (const folder of folders) {
    const { events } = await readOutbox(folder);
    for (const one of events) {
      if (one.over !== undefined || (key !== '--all' && one.key !== key)) continue;
      await leaveWord(folder, { kind: 'acknowledged', key: one.key, by });
      keys.add(one.key);
    }
  }
  if (keys.size === 0) {
    const hint = 'See: tandem notify list';
    throw new NotFound(key === '--all' ? 'no event is open' : `no event ${key} is open`, { hint });
  }
  const text = `${[...keys].join(', ')}: told to this machine's roles, which stop repeating it.\n`;
  return { json: { acknowledged: [...keys] }, text, exit: 0 };
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
