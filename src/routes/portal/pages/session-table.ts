import type { SessionInfo } from '../../../auth/session-list.ts';
import type { PortalParts } from '../deps.ts';
import { readerOf } from '../frame.ts';
import { ago } from '../present/time.ts';
import type { Block } from '../sheet.ts';

/** Open sessions, each with the button that ends it; `own` is the listed id of the one that looks. */
export function sessionTable(
  parts: PortalParts,
  sessions: readonly SessionInfo[],
  own: string,
  endOf: (id: string) => string,
): Block {
  const { say } = parts;
  return {
    kind: 'table',
    columns: [say('sessions.door'), say('sessions.address'), say('sessions.agent'), say('sessions.since'), ''],
    empty: say('sessions.empty'),
    rows: sessions.map((one) => [
      { text: one.door, ...(one.id === own ? { meta: say('sessions.this') } : {}) },
      { text: one.address, machine: true },
      { text: agentOf(one.agent) },
      { time: ago(new Date(one.createdAt).toISOString(), readerOf(parts)) },
      one.id === own ? { text: '' } : { buttons: [{ label: say('sessions.end'), action: endOf(one.id) }] },
    ]),
  };
}

/** 'Firefox on Linux' out of a browser's own words. */
export function agentOf(agent: string): string {
  const browser = /(Firefox|Edg|Chrome|Safari)\//.exec(agent)?.[1] ?? '';
  const system = /(Windows|Android|iPhone|Mac OS X|Linux)/.exec(agent)?.[1] ?? '';
  const name = [browser === 'Edg' ? 'Edge' : browser, system].filter((text) => text !== '').join(', ');
  return name === '' ? agent.slice(0, 40) : name;
}
