/** TXT records of a domain, found by name and beginning. */
import type { Context } from '../handler.ts';
import { Refusal } from '../params.ts';
import type { Zone, ZoneLine } from './zone-model.ts';
import { absolute } from './zone-model.ts';
import { writeZone, zoneHolding } from './zone-store.ts';
import { record, txtStrings } from './zone-template.ts';
import { recordsNamed } from './zone-views.ts';

function nameOf(domain: string, label: string): string {
  return label === '' ? `${domain}.` : `${label}.${domain}.`;
}

/** Texts on `label` below a domain that look as asked. */
export function textsOf(context: Context, domain: string, label: string, like: RegExp): readonly string[] {
  const zone = zoneHolding(context, domain);
  if (zone === undefined) return [];
  const found = recordsNamed(zone, nameOf(domain, label)).filter((r) => r.type === 'TXT');
  return found.map((r) => r.data.join('')).filter((text) => like.test(text));
}

function written(zone: Zone, name: string): string {
  return name === `${zone.domain}.` ? name : name.slice(0, -(zone.domain.length + 2));
}

/** Makes `text` the only text of its kind on the name, in place of the first one; undefined removes it. */
export function setText(context: Context, domain: string, label: string, like: RegExp, text: string | undefined): void {
  const zone = zoneHolding(context, domain);
  if (zone === undefined) throw new Refusal(`The domain “${domain}” has no DNS zone on this server.`);
  const name = nameOf(domain, label);
  const isOld = (line: ZoneLine): boolean =>
    line.kind === 'record' &&
    line.type === 'TXT' &&
    absolute(line.name, zone.domain) === name &&
    like.test(line.data.join(''));
  const fresh = text === undefined ? [] : [record(written(zone, name), 'TXT', txtStrings(text))];
  const at = zone.lines.findIndex(isOld);
  if (at === -1 && text === undefined) return;
  const place = at === -1 ? zone.lines.length : at;
  const lines = [...zone.lines.slice(0, place), ...fresh, ...zone.lines.slice(place).filter((line) => !isOld(line))];
  writeZone(context, zone, lines);
}
