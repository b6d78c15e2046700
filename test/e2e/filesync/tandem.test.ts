import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { filesMetrics } from '../../../src/filesync/figures.ts';
import { askAgent } from '../../../src/filesync/remote.ts';
import { filesState, lookAround, type Watched } from '../../../src/filesync/watch.ts';
import { alarmsIn } from '../../../src/roles/filesync/alarms.ts';
import { tellLeftOut } from '../../../src/roles/filesync/left-out.ts';
import { filesPages } from '../../../src/roles/filesync/page.ts';
import { filesFolder } from '../../../src/roles/filesync/start.ts';
import { endFinished, filesAside } from '../../../src/roles/filesync/work.ts';
import type { Visitor } from '../../support/browser-less.ts';
import { type FilePair, filePair, noFileSync } from '../../support/filesync.ts';
import { password, type RunningPortal, signedIn, startPortal } from '../../support/portal.ts';

const lacking = noFileSync();
const waiting = { timeout: 30_000, interval: 30 };
const never = new AbortController().signal;
let pair: FilePair;
let watched: readonly Watched[];
let portal: RunningPortal;
let ada: Visitor;
const home = (side: 0 | 1, path: string): string => `${pair.home[side]}/${path}`;

/** What the worker does every ten seconds, now. */
async function look() {
  const state = await lookAround(watched, undefined, Date.now, never);
  await filesState.write(filesFolder({ stateDir: pair.dir }), state);
  return state;
}

async function account(name: string, files: number): Promise<void> {
  for (const side of [0, 1] as const) {
    mkdirSync(home(side, name));
    execFileSync('chown', ['4001:4001', home(side, name)]);
  }
  for (let n = 0; n < files; n++) writeFileSync(home(0, `${name}/f${n}`), `${name} ${n}`);
  await vi.waitFor(() => expect(readdirSync(home(1, name)).length).toBe(files), waiting);
  await pair.quiet();
}

describe.skipIf(lacking !== undefined)('the control node', () => {
  beforeAll(async () => {
    pair = await filePair({
      roundTripMs: 10,
      loose: false,
      both: { owners: { users: { bob: 4001 }, groups: { bob: 4001 } } },
    });
    await pair.start(2);
    await pair.start(1);
    watched = pair.ways.map((way, n) => ({ id: `m${n + 1}`, name: `M${n + 1}`, way }));
    mkdirSync(filesFolder({ stateDir: pair.dir }), { recursive: true });
    const masters = watched.map(({ id, name, way }) => ({ id, name, filesync: way }));
    portal = await startPortal(Date.now, filesPages({ stateDir: pair.dir, masters }));
    await portal.auth.personAdd({ name: 'boss', role: 'owner', password });
    ada = await signedIn(portal, 'boss');
  });
  afterAll(async () => {
    await portal?.close();
    await pair?.close();
  });

  it('hears both agents, and gives out their figures', async () => {
    await account('carol', 3);
    const state = await look();
    expect(state.masters.map(({ report }) => [report?.side, report?.connected, report?.files])).toEqual([
      [1, true, 3],
      [2, true, 3],
    ]);
    const text = filesMetrics(state, Date.now());
    expect(text).toContain('tandem_filesync_files{master="m2"} 3\n');
    expect(text).toMatch(/tandem_filesync_sent_bytes_total\{master="m1"\} [1-9]\d+\n/);
  });

  it('brings both agents to leave out exactly the accounts that are to be left out', async () => {
    const off = async () => (await look()).masters.map(({ report }) => report?.off);
    const tell = async (...names: string[]) => tellLeftOut(watched, await look(), async () => names, never);
    await tell('carol', 'nobody');
    expect(await off()).toEqual([
      ['home/carol', 'home/nobody'],
      ['home/carol', 'home/nobody'],
    ]);
    writeFileSync(home(0, 'carol/left out'), 'here');
    await tell('nobody');
    expect(await off()).toEqual([['home/nobody'], ['home/nobody']]);
    await vi.waitFor(() => expect(existsSync(home(1, 'carol/left out'))).toBe(true), waiting);
    await tell();
    rmSync(home(0, 'carol/left out'));
    await vi.waitFor(() => expect(existsSync(home(1, 'carol/left out'))).toBe(false), waiting);
    await pair.quiet();
  });

  it('its key asks the agent, and does nothing else', async () => {
    const [, way] = pair.ways;
    await expect(askAgent(way, { verb: 'shell', rest: [] }, never)).rejects.toThrow('no command');
    const other = { ...way, keyFile: `${pair.dir}/key` } as typeof way;
    await expect(askAgent(other, { verb: 'status', rest: [] }, never)).rejects.toThrow('no answer');
  });

  it('an agent that is away is warned of', async () => {
    await pair.stop(2);
    expect(alarmsIn(await look()).map(({ key }) => key)).toContain('files:m2.away');
    await pair.start(2);
    await pair.quiet();
  });

  it('an account that an operation removes on both trips no brake, and a new one of its name begins empty', async () => {
    await account('bob', 120);
    const aside = filesAside(watched, pino({ level: 'silent' }));
    await aside.aside(['bob'], 'op-1');
    rmSync(home(0, 'bob'), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(readdirSync(home(1, 'bob')).length).toBe(120);
    // Not over: nothing is let go.
    const legs = (state: 'done' | 'ready') => async () => ({ legs: [{ state }] }) as never;
    await endFinished(watched, await look(), legs('ready'), never);
    expect((await look()).masters[0]?.report?.working).toEqual({ 'home/bob': ['op-1'] });
    rmSync(home(1, 'bob'), { recursive: true });
    await endFinished(watched, await look(), legs('done'), never);
    await pair.quiet();
    const state = await look();
    expect(state.masters.map(({ report }) => [report?.working, report?.held, report?.files])).toEqual([
      [{}, {}, 3],
      [{}, {}, 3],
    ]);
    await account('bob', 2);
    expect(readFileSync(home(1, 'bob/f1'), 'utf8')).toBe('bob 1');
  });

  it('a home that is being made is not touched until both masters have it', async () => {
    await filesAside(watched, pino({ level: 'silent' })).aside(['dave'], 'op-2');
    mkdirSync(home(0, 'dave'));
    mkdirSync(home(1, 'dave'));
    writeFileSync(home(0, 'dave/early'), 'x');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(existsSync(home(1, 'dave/early'))).toBe(false);
    await endFinished(watched, await look(), async () => undefined, never);
    await vi.waitFor(() => expect(existsSync(home(1, 'dave/early'))).toBe(true), waiting);
  });

  it('the page shows a held account, and puts it back', async () => {
    await account('erin', 90);
    rmSync(home(0, 'erin'), { recursive: true });
    await vi.waitFor(async () => expect((await look()).masters[1]?.report?.held).toHaveProperty('home/erin'), waiting);
    expect(alarmsIn(await look())).toMatchObject([{ key: 'files:m2.held.home-erin', severity: 'critical' }]);
    const page = await ada.get('/filesync');
    expect(page.text).toContain('held by the brake');
    mkdirSync(home(0, 'erin'));
    const left = readdirSync(home(1, 'erin')).length;
    const done = await ada.post('/filesync/put-back', { master: 'm2', what: 'home/erin' });
    expect(done.location).toBe('/filesync?done=put-back&master=m2');
    await vi.waitFor(() => expect(readdirSync(home(0, 'erin')).length).toBe(left), waiting);
  });

  it('pauses and lets go on, and says which account is missing', async () => {
    expect((await ada.post('/filesync/pause', { master: 'm1', what: '' })).text).toContain('Name an account');
    await ada.post('/filesync/pause', { master: 'm1', what: 'carol' });
    expect((await look()).masters[0]?.report?.paused).toEqual({ 'home/carol': 'by boss' });
    writeFileSync(home(0, 'carol/late'), 'x');
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(existsSync(home(1, 'carol/late'))).toBe(false);
    await ada.post('/filesync/resume', { master: 'm1', what: 'home/carol' });
    await vi.waitFor(() => expect(existsSync(home(1, 'carol/late'))).toBe(true), waiting);
  });

  it('shows both versions of a conflict side by side, and the trash; puts one in place', async () => {
    writeFileSync(home(0, 'carol/page'), 'first\nline\n');
    await vi.waitFor(() => expect(existsSync(home(1, 'carol/page'))).toBe(true), waiting);
    await pair.quiet();
    pair.line.cut();
    writeFileSync(home(0, 'carol/page'), 'first\nfrom one\n');
    await new Promise((resolve) => setTimeout(resolve, 60));
    writeFileSync(home(1, 'carol/page'), 'first\nfrom <two>\n');
    pair.line.mend();
    await pair.quiet();
    const state = await look();
    const at = state.masters.findIndex(({ report }) => report?.kept.some((one) => one.endsWith('carol/page')));
    const kept = state.masters[at]?.report?.kept.find((one) => one.endsWith('carol/page')) ?? '';
    const id = state.masters[at]?.id ?? '';
    expect((await ada.get('/filesync')).text).toContain('home/carol/page');
    const both = await ada.get(`/filesync/kept?master=${id}&kept=${encodeURIComponent(kept)}`);
    expect(both.text).toContain('from one');
    expect(both.text).toContain('from &lt;two&gt;');
    rmSync(home(0, 'carol/f1'));
    await vi.waitFor(() => expect(existsSync(home(1, 'carol/f1'))).toBe(false), waiting);
    expect((await ada.get('/filesync/trash?text=carol/f1')).text).toContain('home/carol/f1');
    await ada.post('/filesync/restore', { master: id, what: kept });
    for (const side of [0, 1] as const)
      await vi.waitFor(() => expect(readFileSync(home(side, 'carol/page'), 'utf8')).toContain('from one'), waiting);
  });
});
