/** File sync in the demo: an agent for each simulated master over the folder where it keeps its homes. */
import { mkdir, readFile, realpath, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { helper } from '../../filesync/events.ts';
import type { Lifecycle } from '../../lifecycle.ts';
import type { Logger } from '../../log.ts';

const ids = ['m1', 'm2'] as const;

/** The agent's state folder, relative to the demo's. */
export function agentFolder(id: 'm1' | 'm2'): string {
  return join('filesync', id);
}

/** Where a simulated master keeps its homes. */
function homesOf(stateDir: string, id: 'm1' | 'm2'): string {
  return join(stateDir, id, 'files', 'home');
}

/** Where both keep them. */
export function homesIn(stateDir: string): Readonly<Record<'m1' | 'm2', string>> {
  return { m1: homesOf(stateDir, 'm1'), m2: homesOf(stateDir, 'm2') };
}

/**
 * Starts both in this process; they talk over the door that sshd would open. Without cPanel nobody makes homes before
 * files come, so here the agents may. Answers false where Perl, which watches folders, is missing.
 */
export async function startAgents(stateDir: string, log: Logger, lifecycle: Lifecycle): Promise<boolean> {
  // Loaded only here: it binds the C library, which no other role needs.
  const [{ Agent }, { serveControl }, { settingsFrom }] = await Promise.all([
    import('../../filesync/agent.ts'),
    import('../../filesync/control.ts'),
    import('../../filesync/settings.ts'),
  ]);
  for (const id of ids) {
    await mkdir(homesOf(stateDir, id), { recursive: true });
    await mkdir(join(stateDir, agentFolder(id)), { recursive: true, mode: 0o700 });
  }
  const top = await realpath(resolve(stateDir));
  for (const [at, id] of ids.entries()) {
    const raw = {
      side: at + 1,
      stateDir: join(top, agentFolder(id)),
      trees: [{ name: 'home', path: homesOf(top, id), homes: false, exclude: ['tandem-archives'] }],
      events: 'inotify',
      ...(id === 'm1' ? { peer: { command: ['perl', helper('near'), join(top, agentFolder('m2'))] } } : {}),
    };
    const settings = settingsFrom(raw, 'the demo');
    const agent = new Agent({ settings, log, lifecycle, now: Date.now });
    try {
      await agent.start();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
      throw error;
    }
    await serveControl(agent, settings, lifecycle);
  }
  return true;
}

/** Writes on both masters and waits for the other. `until` throws when a thing does not come true in time. */
export async function filesFollow(
  homes: Readonly<Record<'m1' | 'm2', string>>,
  until: (what: string, holds: () => Promise<boolean>) => Promise<void>,
): Promise<void> {
  for (const [from, to] of [
    ['m1', 'm2'],
    ['m2', 'm1'],
  ] as const) {
    const name = join('bakery', 'public_html', `from-${from}.html`);
    await mkdir(join(homes[from], 'bakery', 'public_html'), { recursive: true });
    await writeFile(join(homes[from], name), `written on ${from}`);
    await until(`${name} is on ${to}`, async () => {
      const text = await readFile(join(homes[to], name), 'utf8').catch(() => '');
      return text === `written on ${from}`;
    });
  }
}
