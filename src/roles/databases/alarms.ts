/** The watch's warnings as alarms for people. */
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { databasesState } from '../../dbsync/state-file.ts';
import type { Event } from '../../notify/model.ts';
import { bounds } from '../../notify/model.ts';

/** A state older than this is of a watch that no longer runs here: it proves nothing. */
const freshMs = 60_000;

const critical = /^db\.(stopped|lost|cut)\./;

/** 'db.user.missing.bob_shop@localhost' → 'db:user.missing.bob_shop-localhost'. */
function keyOf(code: string): string {
  const key = code
    .replace(/^db\./, 'db:')
    .toLowerCase()
    .replaceAll(/[^a-z0-9:._-]/g, '-');
  return key.slice(0, 120);
}

async function alarmsOf(folder: string, command: string, now: number): Promise<readonly Event[]> {
  const state = await databasesState.read(folder);
  if (state === undefined || now - state.at > freshMs) return [];
  return state.warnings.map(({ code, sentence }) => ({
    key: keyOf(code),
    severity: critical.test(code) ? 'critical' : 'warning',
    at: state.at,
    sentence: sentence.replaceAll(/\s+/g, ' ').slice(0, bounds.sentence),
    command,
  }));
}

/** What stands now; nothing where no watch runs. */
export async function databaseAlarms(config: Pick<Config, 'stateDir'>, now: number): Promise<readonly Event[]> {
  const folder = join(config.stateDir, 'dbsync');
  return [
    ...(await alarmsOf(folder, 'tandem db status', now)),
    ...(await alarmsOf(join(folder, 'postgres'), 'tandem db postgres status', now)),
  ];
}
