import type { Zone, ZoneLine, ZoneRecord } from './zone-model.ts';

/** The zone as its file on disk would read. */
export function zoneText(zone: Zone): string {
  return `${zone.lines.map(lineText).join('\n')}\n`;
}

/** One entry as text; SOA takes six lines. */
export function lineText(line: ZoneLine): string {
  if (line.kind !== 'record') return line.text;
  const head = `${line.name}\t${line.ttl}\tIN\t${line.type}\t`;
  return line.type === 'SOA'
    ? head + soaText(line)
    : head + line.data.map((value) => field(line.type, value)).join(line.type === 'TXT' ? ' ' : '\t');
}

function field(type: string, value: string): string {
  return type === 'TXT' ? `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"` : value;
}

function soaText(soa: ZoneRecord): string {
  const [mname = '', rname = '', serial = '', refresh = '', retry = '', expire = '', minimum = ''] = soa.data;
  const pad = '\t\t\t\t\t\t';
  return [
    `${mname}\t${rname}\t(`,
    `${pad}${serial}\t;Serial Number`,
    `${pad}${refresh}\t;refresh`,
    `${pad}${retry}\t;retry`,
    `${pad}${expire}\t;expire`,
    `${pad}${minimum}\t)`,
  ].join('\n');
}
