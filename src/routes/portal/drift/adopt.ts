/** Adoption from a page: begun by a button, followed as it goes, and begun anew where it stopped. */
import type { Request, Response } from 'express';
import type { Actor } from '../../../auth/actor.ts';
import type { Adopted } from '../../../drift/adopt.ts';
import type { Drift } from '../../../drift/index.ts';
import type { Finding } from '../../../drift/model.ts';
import { AppError, Invalid, messageOf } from '../../../errors.ts';
import type { PortalParts } from '../deps.ts';
import { sendLive } from '../live.ts';
import type { Block, PostButton, Sheet } from '../sheet.ts';

/** How far one has got. Steps are sentences; every one of them is an operation too, which is what counts. */
interface Adoption {
  readonly from: string;
  readonly steps: string[];
  result?: Adopted;
  /** Why it stopped. */
  stopped?: { readonly sentence: string; readonly hint: string };
}

export interface Adoptions {
  /** Goes on by itself; one that is under way is only followed. */
  begin(account: string, from: string, actor: Actor): void;
  of(account: string): Adoption | undefined;
}

/** Kept by this process alone: what was done stands in the journal, and adopting again goes on from there. */
export function openAdoptions(drift: Pick<Drift, 'adopt'>, log: PortalParts['log']): Adoptions {
  const known = new Map<string, Adoption>();
  const isUnderWay = (one: Adoption | undefined): boolean =>
    one !== undefined && one.result === undefined && one.stopped === undefined;

  async function run(account: string, one: Adoption, actor: Actor): Promise<void> {
    const progress = (sentence: string): void => void one.steps.push(sentence);
    try {
      one.result = await drift.adopt({ account, from: one.from, actor, door: 'portal', progress });
    } catch (error) {
      if (!(error instanceof AppError)) log.error({ account, err: error }, 'an adoption ended unexpectedly');
      one.stopped = { sentence: messageOf(error), hint: error instanceof AppError ? (error.hint ?? '') : '' };
    }
  }

  return {
    of: (account) => known.get(account),
    begin(account, from, actor) {
      if (isUnderWay(known.get(account))) return;
      const one: Adoption = { from, steps: [] };
      known.set(account, one);
      void run(account, one, actor);
    },
  };
}

/** The master that alone has the account of this difference; undefined: it is no such difference. */
export function adoptableFrom(finding: Finding): string | undefined {
  const having = finding.sides.filter(({ value }) => value !== undefined);
  const isLacking = having.length === 1 && having.length < finding.sides.length;
  return finding.kind === 'account' && finding.state === 'open' && isLacking ? having[0]?.master : undefined;
}

/** The button that begins it. */
export function adoptButton(
  parts: PortalParts,
  finding: Finding,
  names: (id: string) => string,
): PostButton | undefined {
  const from = adoptableFrom(finding);
  if (from === undefined) return undefined;
  const others = finding.sides.filter(({ master }) => master !== from).map(({ master }) => names(master));
  return { label: parts.say('drift.adopt', { master: others.join(', ') }), action: `/drift/${finding.id}/adopt` };
}

/** Begins it for the account of a finding. Throws Invalid where no master alone has it. */
export function beginAdoption(parts: PortalParts, adoptions: Adoptions, finding: Finding, actor: Actor): string {
  const from = adoptableFrom(finding);
  const account = finding.account ?? finding.name;
  if (from === undefined) throw new Invalid(parts.say('drift.adopt.not'));
  adoptions.begin(account, from, actor);
  return `/drift/adopt/${encodeURIComponent(account)}`;
}

/** What has become of it so far; fetched again until it is over. */
export function sendAdoption(
  parts: PortalParts,
  adoptions: Adoptions,
  request: Request,
  response: Response,
): Promise<void> {
  const account = String(request.params['account']).slice(0, 64);
  const sheet: Sheet = {
    heading: parts.say('drift.adopt.title', { account }),
    trail: { label: parts.say('drift.title'), href: '/drift' },
    more: [{ label: parts.say('menu.operations'), href: `/operations?account=${encodeURIComponent(account)}` }],
    blocks: blocksOf(parts, adoptions.of(account)),
  };
  return sendLive(parts, request, response, sheet);
}

function blocksOf({ say }: PortalParts, one: Adoption | undefined): readonly Block[] {
  if (one === undefined) return [{ kind: 'text', text: say('drift.adopt.unknown'), tone: 'note' }];
  const list = (heading: string, lines: readonly string[]): readonly Block[] =>
    lines.length === 0
      ? []
      : [
          { kind: 'heading', text: heading },
          { kind: 'table', columns: [say('drift.adopt.what')], empty: '', rows: lines.map((text) => [{ text }]) },
        ];
  if (one.result !== undefined)
    return [
      { kind: 'text', text: say('drift.adopt.over'), tone: 'note' },
      ...list(say('drift.adopt.carried'), one.result.carried),
      ...list(say('drift.adopt.left'), one.result.left),
    ];
  if (one.stopped !== undefined)
    return [
      { kind: 'text', text: `${one.stopped.sentence} ${one.stopped.hint}`.trim(), tone: 'danger' },
      { kind: 'text', text: say('drift.adopt.again') },
      ...list(say('drift.adopt.steps'), one.steps),
    ];
  return [{ kind: 'unread', text: say('drift.adopt.goes-on') }, ...list(say('drift.adopt.steps'), one.steps)];
}
