import type { Actor } from '../../auth/actor.ts';
import { type WhmCall, whm } from '../../whm/call.ts';
import { type CallAnswer, isRecord } from './answer.ts';
import type { PassthroughDeps } from './deps.ts';
import type { Wanted } from './judge.ts';
import { lastOf } from './params.ts';
import { askedOf, byValue } from './zone-lines.ts';
import { afterEdit, contentOf, type LineEdit, staleSentence, viewOf, type ZoneView } from './zone-view.ts';

/** Whose views these are: a client's own, and nobody else's. */
function clientOf(actor: Actor): string {
  return `${actor.kind}:${actor.tokenId ?? ''}:${actor.name}`;
}

/** The rows of a zone in any of the answers that show one. */
function rowsIn(data: unknown): readonly unknown[] {
  if (Array.isArray(data)) {
    const [first] = data;
    return isRecord(first) && Array.isArray(first['record']) ? first['record'] : data;
  }
  if (!isRecord(data)) return [];
  if (Array.isArray(data['payload'])) return data['payload'];
  const uapi = isRecord(data['uapi']) ? data['uapi']['data'] : undefined;
  if (Array.isArray(uapi)) return uapi;
  const zone = Array.isArray(data['zone']) ? data['zone'][0] : undefined;
  return isRecord(zone) && Array.isArray(zone['record']) ? zone['record'] : [];
}

/** Remembers what this answer shows, so that lines which the client names later are found again on any server. */
export async function remember(deps: PassthroughDeps, actor: Actor, zone: string, answer: CallAnswer): Promise<void> {
  const view = answer.ok ? viewOf(zone, rowsIn(answer.data)) : undefined;
  if (view !== undefined) await deps.views.remember(clientOf(actor), view);
}

/** The zone as the active server has it now; a string: the server's reason. */
async function current(deps: PassthroughDeps, zone: string, account: string | undefined): Promise<ZoneView | string> {
  const { outcome } = await deps.reads.call(whm('parse_dns_zone', { zone }), account);
  if (outcome.kind !== 'done') return outcome.reason;
  return viewOf(zone, rowsIn(outcome.data)) ?? `The zone “${zone}” has no SOA record.`;
}

/** After a read that showed a part only. */
export async function rememberCurrent(
  deps: PassthroughDeps,
  actor: Actor,
  zone: string,
  account: string | undefined,
): Promise<void> {
  const view = await current(deps, zone, account);
  if (typeof view === 'object') await deps.views.remember(clientOf(actor), view);
}

function serialOf(wanted: Wanted): string | undefined {
  const given = lastOf(wanted.args, 'serial') ?? lastOf(wanted.args, 'serialnum');
  return given === undefined || given === '' ? undefined : given;
}

/**
 * The view that a client's lines are of. With a serial: the one that it was shown with it, and only while the zone still
 * says what it said then. Without: the last that it was shown, else the zone as it is.
 */
async function meant(
  deps: PassthroughDeps,
  actor: Actor,
  wanted: Wanted,
  zone: string,
  now: ZoneView,
): Promise<ZoneView | string> {
  const serial = serialOf(wanted);
  const seen = await deps.views.find(clientOf(actor), zone, serial);
  if (serial === undefined) return seen ?? now;
  if (seen === undefined) return serial === now.serial ? now : staleSentence(serial, now.serial);
  const same = contentOf(seen, deps.outside) === contentOf(now, deps.outside);
  return same ? seen : staleSentence(serial, now.serial);
}

/** A prepared change: parameters of dns.edit-zone, and how to remember it when it is done. */
export interface ZoneChange {
  readonly params: Readonly<Record<string, unknown>>;
  done(answer: CallAnswer): Promise<CallAnswer>;
}

/** From lines to records; a string: why it cannot be done, in cPanel's words. */
export async function zoneChange(
  deps: PassthroughDeps,
  actor: Actor,
  wanted: Wanted,
  zone: string,
  account: string | undefined,
): Promise<ZoneChange | string> {
  const now = await current(deps, zone, account);
  if (typeof now === 'string') return now;
  const view = await meant(deps, actor, wanted, zone, now);
  if (typeof view === 'string') return view;
  const edit = askedOf(wanted, zone, view);
  if (typeof edit === 'string') return edit;
  const params = byValue(view, edit);
  if (typeof params === 'string') return params;
  const done = (answer: CallAnswer) =>
    finished(deps, actor, wanted, { view, edit, before: now.serial, account }, answer);
  return { params: account === undefined ? params : { ...params, account }, done };
}

interface Made {
  readonly view: ZoneView;
  readonly edit: LineEdit;
  readonly before: string;
  readonly account: string | undefined;
}

/** What the lead answered, in the shape of the function that was called; the client's view moves on with its edit. */
async function finished(
  deps: PassthroughDeps,
  actor: Actor,
  wanted: Wanted,
  made: Made,
  answer: CallAnswer,
): Promise<CallAnswer> {
  const { zone } = made.view;
  if (!answer.ok) return wanted.fn.startsWith('ZoneEdit::') ? zoneEdit(answer.reason, null) : answer;
  const fromLead = isRecord(answer.data) ? answer.data['new_serial'] : undefined;
  const after = fromLead === undefined ? await current(deps, zone, made.account) : undefined;
  const serial = String(fromLead ?? (typeof after === 'object' ? after.serial : made.before));
  const client = clientOf(actor);
  if (made.view.lines.length > 0) await deps.views.remember(client, afterEdit(made.view, made.edit, serial));
  if (wanted.fn === 'mass_edit_dns_zone' || wanted.fn === 'DNS::mass_edit_zone')
    return { ok: true, data: { new_serial: serial }, reason: 'OK' };
  if (wanted.fn.startsWith('ZoneEdit::')) return zoneEdit('', serial);
  const { masters } = await deps.reads.status();
  const host = masters[0]?.hostname ?? 'localhost';
  return { ok: true, data: undefined, reason: `Bind reloading on ${host} using rndc zone: [${zone}]\n` };
}

/** ZoneEdit of API 2 tells failure one level deeper, and by `newserial: null`. */
function zoneEdit(reason: string, serial: string | null): CallAnswer {
  const result = { status: serial === null ? 0 : 1, statusmsg: reason, newserial: serial };
  return { ok: true, data: [{ result }], reason: 'OK' };
}

/** Whether a refusal in words only has to be told in ZoneEdit's own shape. */
export function zoneRefusal(call: Pick<WhmCall, 'fn'>, reason: string): CallAnswer {
  return call.fn.startsWith('ZoneEdit::') ? zoneEdit(reason, null) : { ok: false, reason };
}
