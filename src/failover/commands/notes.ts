import { oneLine } from '../checks/kind.ts';
import type { Command, CommandResult } from '../control/schema.ts';
import { overlapping } from '../model.ts';
import { downtimesOf, holdOf } from '../state/notes.ts';
import { placesOfKind } from '../verdict/topology.ts';
import { meet } from '../watch/meet.ts';
import { type CommandDeps, result } from './deps.ts';

/** Hold, release, downtime, acknowledgement: said here, kept on both watchers. */

type Of<Name extends Command['command']> = Extract<Command, { command: Name }>;

/** Passes on at once what was just said; who does not hear it is named. */
async function passOn({ watch, memory }: CommandDeps): Promise<readonly string[]> {
  const met = await meet(watch, memory.heads);
  return met
    .filter(({ why }) => why !== undefined)
    .map(({ id }) => `${id} does not answer and has not heard of it yet; it will at the next meeting.`);
}

async function tell({ watch }: CommandDeps, subject: string, sentence: string): Promise<void> {
  await watch.store.tell({ at: watch.clock.now(), kind: 'command', subject, sentence, evidence: [] });
}

/** Nothing switches by itself until it is released. */
export async function holdOn(deps: CommandDeps, { by, reason }: Of<'hold'>): Promise<CommandResult> {
  const { watch } = deps;
  await watch.store.say('hold', { kind: 'hold', by, reason, at: watch.clock.now() });
  await tell(deps, 'hold', `${by} put switching on hold: ${reason}.`);
  const missed = await passOn(deps);
  return result('done', 'Nothing switches by itself until it is released.', missed, { hold: { by, reason } });
}

export async function release(deps: CommandDeps, { by }: Of<'release'>): Promise<CommandResult> {
  const was = holdOf(deps.watch.store.notes());
  await deps.watch.store.say('hold', null);
  await tell(deps, 'hold', `${by} released the hold.`);
  const sentence = was === undefined ? 'There was no hold.' : `The hold of ${was.by} is released.`;
  return result('done', sentence, await passOn(deps), { hold: null });
}

/** Planned downtime of one master. Windows of two masters must not overlap. */
export async function planDowntime(deps: CommandDeps, given: Of<'downtime'>): Promise<CommandResult> {
  const { watch } = deps;
  const { master, from, until, reason, by } = given;
  const known = placesOfKind(watch.topology, 'master').map(({ id }) => id);
  if (!known.includes(master)) return result('invalid', `${master} is no master. Known: ${known.join(', ')}.`);
  const now = watch.clock.now();
  if (until <= from || until <= now) return result('invalid', 'The downtime ends before it begins, or has ended.');
  const window = { master, from, until, reason };
  const clash = overlapping([...downtimesOf(watch.store.notes()).filter((one) => one.until > now), window]);
  const [first] = clash.filter((pair) => pair.includes(window));
  if (first !== undefined) {
    const other = first[0] === window ? first[1] : first[0];
    return result(
      'refused',
      `${other.master} is in downtime then: ${other.reason}. While one is down the other must not be.`,
    );
  }
  const id = `${watch.self}-${now.toString(36)}`;
  await watch.store.say(`downtime/${id}`, { kind: 'downtime', by, ...window });
  await tell(deps, master, `${by} planned downtime of ${master} until ${new Date(until).toISOString()}: ${reason}.`);
  return result(
    'done',
    `${master} is in planned downtime: its checks warn nobody, and nothing switches away from it by itself.`,
    await passOn(deps),
    { id },
  );
}

export async function endDowntime(deps: CommandDeps, { by, id }: Of<'end-downtime'>): Promise<CommandResult> {
  const found = downtimesOf(deps.watch.store.notes()).find((one) => one.id === id);
  if (found === undefined) return result('invalid', `No downtime is called ${id}. See: tandem failover status`);
  await deps.watch.store.say(`downtime/${id}`, null);
  await tell(deps, found.master, `${by} ended the downtime of ${found.master}.`);
  return result('done', `The downtime of ${found.master} is over.`, await passOn(deps), { id });
}

/** Somebody has seen the problem: no more messages until the check is well again. */
export async function acknowledgeCheck(deps: CommandDeps, { by, check }: Of<'ack'>): Promise<CommandResult> {
  if (!deps.acknowledge(check)) {
    return result('refused', `${check} is no problem now, or no check is called so. See: tandem failover status`);
  }
  const at = deps.watch.clock.now();
  await deps.watch.store.say(`ack/${check}`, { kind: 'ack', by, check, at });
  await tell(deps, check, `${by} has seen that ${check} is bad.`);
  return result('done', `${check} is acknowledged until it is well again.`, await passOn(deps), { check });
}

/** TTLs are lowered or raised on both watchers, each on its own zones; lowered for some hours they rise by themselves. */
export async function careForTtl(deps: CommandDeps, { by, care, zones, hours }: Of<'ttl'>): Promise<CommandResult> {
  const { watch } = deps;
  if (deps.publish === undefined) return result('refused', 'No name servers are configured here: no zone has a TTL.');
  if (hours !== undefined && care === 'raise') return result('invalid', 'What is raised stays so: no hours.');
  const at = watch.clock.now();
  const until = hours === undefined ? {} : { until: at + hours * 3_600_000 };
  const names = zones.map((zone) => zone.replace(/\.$/, '').toLowerCase());
  const value = { kind: 'care', by, care, at, ...until } as const;
  if (names.length === 0) await watch.store.say('ttl', value);
  for (const zone of names) await watch.store.say(`ttl/${zone}`, { ...value, zone });
  const what = names.length === 0 ? 'all zones' : names.slice(0, 5).join(', ');
  const sentence = `TTLs of what a switch would move are ${care === 'lower' ? 'lowered' : 'raised'} on ${what}.`;
  await tell(deps, 'ttl', `${by}: ${sentence}`);
  return result('done', `${sentence} Both watchers do so within seconds; the history tells.`, await passOn(deps), {
    at,
  });
}

/** What a foreign monitor saw stands in the history beside our own evidence. No verdict counts it: it is one observer more that cannot be asked again. */
export async function keepReport({ watch }: CommandDeps, given: Of<'report'>): Promise<CommandResult> {
  const { by, host, service, state, type, attempt } = given;
  const sentence = `${by} reports ${oneLine(`${host}/${service}: ${state} (${type} ${attempt})`)}.`;
  await watch.store.tell({ at: watch.clock.now(), kind: 'report', subject: oneLine(host), sentence, evidence: [] });
  return result('done', 'Kept with the evidence. It decides nothing.', [], { report: sentence });
}
