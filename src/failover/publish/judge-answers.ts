import { addressOf } from '../zone/address.ts';
import { isAhead } from '../zone/serial.ts';
import type { Heard } from './ask.ts';
import type { FreshZone, NameServer } from './publisher.ts';
import type { Question } from './question.ts';

/** Whether a name server answers as the files say. Pure. */

/** What to ask about a zone: its serial, and an address that must be the new one. */
export function questionsFor(zone: FreshZone, server: Pick<NameServer, 'keepsSerial'>): readonly Question[] {
  const { probe } = zone;
  return [
    ...(server.keepsSerial ? [{ name: zone.zone, type: 'SOA' } as const] : []),
    ...(probe === undefined ? [] : [{ name: probe.name.replace(/\.$/, ''), type: probe.type }]),
  ];
}

function ofSerial(zone: FreshZone, heard: Heard): string | undefined {
  switch (heard.kind) {
    case 'silent':
      return `does not answer (${heard.why})`;
    case 'refused':
      return `answers ${heard.code} for ${zone.zone}`;
    case 'values':
      return `answers no serial for ${zone.zone}`;
    case 'serial':
      // A server that signs counts on by itself.
      return heard.serial === zone.serial || isAhead(heard.serial, zone.serial)
        ? undefined
        : `answers serial ${heard.serial} of ${zone.zone} and not ${zone.serial}`;
  }
}

function ofAddress(zone: FreshZone, heard: Heard): string | undefined {
  const { probe } = zone;
  if (probe === undefined) return undefined;
  const what = `${probe.name} ${probe.type}`;
  if (heard.kind === 'silent') return `does not answer (${heard.why})`;
  if (heard.kind === 'refused') return `answers ${heard.code} for ${what}`;
  const wanted = addressOf(probe.address)?.key ?? probe.address;
  if (heard.kind === 'values' && heard.values.includes(wanted)) return undefined;
  const got = heard.kind === 'values' ? heard.values.join(', ') : 'no address';
  return `answers ${got} for ${what} and not ${probe.address}`;
}

/** What is wrong with the answers about a zone, one sentence without its subject; undefined when nothing is. */
export function judgeAnswers(
  zone: FreshZone,
  server: Pick<NameServer, 'keepsSerial'>,
  heard: readonly Heard[],
): string | undefined {
  const [first, second] = heard;
  const serial = server.keepsSerial && first !== undefined ? ofSerial(zone, first) : undefined;
  if (serial !== undefined) return serial;
  const address = server.keepsSerial ? second : first;
  return address === undefined ? undefined : ofAddress(zone, address);
}
