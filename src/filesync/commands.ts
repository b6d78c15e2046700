import { Invalid, NotFound, Refused } from '../errors.ts';
import type { Agent } from './agent.ts';
import { checkLine } from './check.ts';
import { Changed } from './install.ts';
import { keptIn } from './kept.ts';
import { metricsOf } from './metrics.ts';
import { putBack, restoreKept } from './restore.ts';
import { split } from './site.ts';
import { statusOf } from './status.ts';

/** What a command answers: a text for people, a value for programs. */
export interface Said {
  readonly text: string;
  readonly json?: unknown;
  readonly exit?: number;
}

export interface Asked {
  readonly rest: readonly string[];
  readonly putBack: boolean;
}

type Command = (agent: Agent, asked: Asked) => Said | Promise<Said>;

function unitFrom(agent: Agent, { rest }: Asked): string {
  const [unit = ''] = rest;
  if (!/^[a-z][a-z0-9-]*\/[^/]+$/.test(unit) || split(agent.site, unit) === undefined)
    throw new Invalid(`“${unit}” is no account: write TREE/NAME, as in home/bob`);
  return unit;
}

/** Bytes that are no readable text are shown as \xNN. */
export function shown(path: string): string {
  const text = Buffer.from(path, 'latin1').toString();
  const clean = text.includes('\uFFFD') ? path : text;
  return clean.replace(/\p{Cc}/gu, (one) => `\\x${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function listed(agent: Agent, where: 'trash' | 'conflicts', part = ''): Said {
  const all = [...agent.site.trees.values()]
    .flatMap((branch) => keptIn(branch, where))
    .map((path) => `${where}/${path}`);
  const wanted = all.filter((path) => path.includes(part));
  return { text: wanted.map((path) => `${shown(path)}\n`).join(''), json: wanted };
}

async function rescan(agent: Agent, { rest }: Asked): Promise<Said> {
  const [key] = rest;
  if (key === undefined || agent.site.trees.has(key)) {
    const trees = [...agent.site.trees.values()].filter(({ tree }) => key === undefined || tree.name === key);
    for (const branch of trees) await agent.scans.add(branch, '');
  } else {
    const at = split(agent.site, key);
    if (at === undefined) throw new NotFound(`there is no tree for ${key}`);
    await agent.scans.add(at.branch, at.relative);
  }
  return { text: `scanned; ${agent.sender.backlog} to be sent\n`, json: { backlog: agent.sender.backlog } };
}

async function stopsKept(agent: Agent, text: string): Promise<Said> {
  agent.site.keepStops();
  await agent.site.store.commit();
  return { text: `${text}\n`, json: { paused: agent.site.stops.paused, held: agent.site.stops.held } };
}

async function restored(agent: Agent, { rest }: Asked): Promise<Said> {
  const [kept = ''] = rest;
  try {
    const key = await restoreKept(agent.site, Buffer.from(kept).toString('latin1'), kept);
    return { text: `${shown(key)} is back\n`, json: { key } };
  } catch (error) {
    if (error instanceof Changed) throw new Refused('it changed in this very moment; try again', { cause: error });
    throw error;
  }
}

async function rescanned(agent: Agent, unit: string): Promise<void> {
  const at = split(agent.site, unit);
  if (at !== undefined) await agent.scans.add(at.branch, at.relative);
}

/** Keyed by the word that names them. */
export const commands: Readonly<Record<string, Command>> = {
  status(agent) {
    const json = statusOf(agent);
    const lines = Object.entries(json).map(
      ([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : value}`,
    );
    return { text: `${lines.join('\n')}\n`, json };
  },
  check: (agent) => checkLine(statusOf(agent)),
  metrics: (agent) => ({ text: metricsOf(statusOf(agent)) }),
  rescan,
  async pause(agent, asked) {
    const unit = unitFrom(agent, asked);
    agent.site.stops.paused[unit] = asked.rest[1] ?? 'paused by hand';
    return await stopsKept(agent, `${unit} is paused on this side`);
  },
  async resume(agent, asked) {
    const unit = unitFrom(agent, asked);
    delete agent.site.stops.paused[unit];
    await rescanned(agent, unit);
    return await stopsKept(agent, `${unit} goes on`);
  },
  async release(agent, asked) {
    const unit = unitFrom(agent, asked);
    if (agent.site.stops.held[unit] === undefined) throw new Refused(`${unit} is not held on this side`);
    const count = asked.putBack ? putBack(agent.site, unit) : 0;
    delete agent.site.stops.held[unit];
    agent.site.tallies.delete(unit);
    return await stopsKept(
      agent,
      asked.putBack ? `${count} paths of ${unit} go back to the other side` : `${unit} is released`,
    );
  },
  async active(agent, asked) {
    const [unit = '', side = ''] = asked.rest;
    if (unit !== '*') unitFrom(agent, asked);
    if (side !== '1' && side !== '2') throw new Invalid('the active side is 1 or 2');
    agent.site.setActive(unit, side === '1' ? 1 : 2);
    await agent.site.store.commit();
    // What this side held back while it was passive is right from now on.
    if (unit === '*') await rescan(agent, { rest: [], putBack: false });
    else await rescanned(agent, unit);
    return { text: `side ${side} is active for ${unit}\n`, json: { unit, side } };
  },
  conflicts: (agent, { rest }) => listed(agent, 'conflicts', rest[0]),
  trash: (agent, { rest }) => listed(agent, 'trash', rest[0]),
  restore: restored,
  async isolate(agent) {
    await agent.isolate(true);
    return { text: 'the other master is cut off; `tandem filesync join` joins it again\n', json: { isolated: true } };
  },
  async join(agent) {
    await agent.isolate(false);
    return { text: 'the other master may connect again\n', json: { isolated: false } };
  },
};
