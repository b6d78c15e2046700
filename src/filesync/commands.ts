import { Invalid, NotFound, Refused } from '../errors.ts';
import type { Agent } from './agent.ts';
import { checkLine, filesyncGate } from './check.ts';
import { ownMetrics } from './figures.ts';
import { Changed } from './install.ts';
import { keptIn } from './kept.ts';
import { putBack, restoreKept } from './restore.ts';
import { shown } from './shown.ts';
import { split } from './site.ts';
import { statusOf } from './status.ts';
import { viewKept } from './view.ts';
import { beginWork, endWork, travels } from './work.ts';

const mostConflicts = 200;
const accountName = /^[a-z0-9][a-z0-9._-]{0,63}$/i;

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
    agent.doveadm.look();
  } else {
    const at = split(agent.site, key);
    if (at === undefined) throw new NotFound(`there is no tree for ${key}`);
    await agent.scans.add(at.branch, at.relative);
  }
  return { text: `scanned; ${agent.sender.backlog} to be sent\n`, json: { backlog: agent.sender.backlog } };
}

/** Every night's work, now. */
async function compare(agent: Agent): Promise<Said> {
  if (!agent.isConnected) throw new Refused('the two agents are not connected');
  await agent.nightly.scan();
  const json = await agent.nightly.compare();
  return { text: `${json.directories} directories compared, ${json.differing} differed\n`, json };
}

async function stopsKept(agent: Agent, text: string): Promise<Said> {
  agent.site.keepStops();
  await agent.site.store.commit();
  return { text: `${text}\n`, json: { paused: agent.site.stops.paused, held: agent.site.stops.held } };
}

async function restored(agent: Agent, { rest }: Asked): Promise<Said> {
  const [kept = ''] = rest;
  try {
    const key = await restoreKept(agent.site, kept);
    return { text: `${shown(key)} is back\n`, json: { key } };
  } catch (error) {
    if (error instanceof Changed) throw new Refused('it changed in this very moment; try again', { cause: error });
    throw error;
  }
}

async function rescanned(agent: Agent, unit: string): Promise<void> {
  const at = split(agent.site, unit);
  if (at !== undefined) await agent.scans.add(at.branch, at.relative);
  agent.goesOn(unit);
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
  /** For a return, asked through tandem-vantage: one line that a script without a JSON reader understands. */
  gate(agent) {
    const { open, lagMs, why } = filesyncGate(statusOf(agent));
    return { text: `files ${open ? 'open' : 'closed'} ${lagMs === 'unknown' ? lagMs : Math.round(lagMs)} ${why}` };
  },
  metrics: (agent) => ({ text: ownMetrics(statusOf(agent)) }),
  rescan,
  compare,
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
    agent.site.peaks.delete(unit);
    agent.goesOn(unit);
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
  /** For the control node: what stands in the status, and the newest losers of conflicts. */
  report(agent) {
    const status = statusOf(agent);
    const conflicts = [...agent.site.trees.values()]
      .flatMap((branch) => keptIn(branch, 'conflicts'))
      .sort()
      .slice(-mostConflicts)
      .map((path) => `conflicts/${path}`);
    return { text: '', json: { ...status, at: agent.site.now(), kept: conflicts } };
  },
  view: (agent, { rest }) => {
    const json = viewKept(agent.site, rest[0] ?? '');
    return { text: `${json.kept.text ?? 'no text'}\n`, json };
  },
  /** Tandem's own operations: begin|end ACCOUNT ID. */
  async operation(agent, { rest }) {
    const [word, account = '', id = ''] = rest;
    if (!accountName.test(account) || !/^[0-9A-Za-z-]{1,64}$/.test(id))
      throw new Invalid('operation begin|end ACCOUNT ID');
    if (word === 'begin') await beginWork(agent.site, account, id);
    else if (word === 'end') for (const unit of await endWork(agent.site, account, id)) await rescanned(agent, unit);
    else throw new Invalid('operation begin|end ACCOUNT ID');
    return { text: '', json: { working: agent.site.stops.working } };
  },
  /** Whether an account travels at all: on|off ACCOUNT. Said by Tandem on both sides. */
  async account(agent, { rest }) {
    const [word, account = ''] = rest;
    if (!accountName.test(account) || (word !== 'on' && word !== 'off')) throw new Invalid('account on|off ACCOUNT');
    await travels(agent.site, account, word === 'on');
    if (word === 'on') for (const tree of agent.site.homes) await rescanned(agent, `${tree}/${account}`);
    return { text: `the files of ${account} ${word === 'on' ? 'travel' : 'do not travel'}\n` };
  },
  /** For the door: what it may run for the other side's sync of a mailbox, a word a line. */
  mailbox: (agent, { rest }) => ({
    text: agent.doveadm.serverFor({ unit: rest[0] ?? '', user: rest[1] ?? '' }, agent.isIsolated).join('\n'),
  }),
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
