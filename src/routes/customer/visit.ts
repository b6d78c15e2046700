/** One request of a customer: who asks, in which language, and what a page may do for it. */
import type { Request, Response } from 'express';
import { ulid } from 'ulid';
import type { z } from 'zod';
import type { Actor } from '../../auth/actor.ts';
import type { Customer } from '../../auth/customers.ts';
import { whyNot } from '../../auth/may.ts';
import { type AppError, Invalid, NotAllowed, NotFound, Refused } from '../../errors.ts';
import type { OperationView } from '../../operations/model.ts';
import type { WhmCall } from '../../whm/call.ts';
import type { TimeModel } from '../portal/present/time.ts';
import type { Known, Question } from '../portal/remembered.ts';
import type { CustomerParts } from './deps.ts';
import { agoIn } from './present/time.ts';
import { type CustomerSay, type Language, sayAny } from './texts/index.ts';

export interface Visit {
  readonly parts: CustomerParts;
  readonly request: Request;
  readonly response: Response;
  readonly who: Customer;
  /** The account's cPanel name. */
  readonly account: string;
  readonly actor: Actor;
  readonly language: Language;
  readonly say: CustomerSay;
  /** Whether this visitor may change things on this page. Buttons and forms are drawn only then. */
  readonly mayChange: boolean;
  /** The domain that was chosen at the top; '' for all, and it need not be the account's. */
  readonly chosen: string;
  /** What was wrong with the form that was just sent. */
  readonly error?: AppError;
  /** What was typed in it. */
  readonly body: Readonly<Record<string, string>>;
  /**
   * What the account's master answers, from memory: a page never waits. The master with nothing unfinished on the
   * account is asked; the live part of the page waits for it up to 2.5 s.
   */
  ask<T>(call: WhmCall, shape: z.ZodType<T>): Promise<Known<T>>;
  /** The same question to one master, for what is shown per master or summed over them. */
  askOn<T>(master: string, call: WhmCall, shape: z.ZodType<T>): Promise<Known<T>>;
  /** Whether something that was asked is not there yet, nor known to be missing. */
  awaits(): boolean;
  /**
   * Hands a change to Tandem: parses, asks for permission, accepts, waits a moment for the first server. Answers `next`
   * with the operation's id, for the act route to go to; the page then says how far it is. Throws Invalid with an issue
   * per field, Refused with the server's own words.
   */
  submit(action: string, params: Readonly<Record<string, unknown>>, next: string): Promise<string>;
  ago(iso: string): TimeModel;
  /** A master's words without any master's own host name, which customers never see. */
  plain(text: string): string;
  /** The site that a master stands in: how customers know it. */
  siteOf(master: string): string;
}

/** How long a form waits for the first server's word, milliseconds: most answer within it, and then mistakes show at once. */
const decidedMs = 1500;
/** How long the live part of a page may wait for a master, milliseconds. */
export const liveMs = 2500;

interface VisitOptions {
  readonly who: Customer;
  readonly actor: Actor;
  readonly language: Language;
  readonly say: CustomerSay;
  readonly mayChange: boolean;
}

/** Puts a visit together. */
export function visitOf(parts: CustomerParts, request: Request, response: Response, options: VisitOptions): Visit {
  const { who, actor } = options;
  const waitMs = request.query['part'] === 'live' ? liveMs : 0;
  const { account } = who;
  let isAwaited = false;
  const remembered = async <T>(question: Question<T>): Promise<Known<T>> => {
    const known = await parts.remembered.ask(question, waitMs);
    if (known.value === undefined && known.problem === '') isAwaited = true;
    return known;
  };
  return {
    ...options,
    parts,
    request,
    response,
    account,
    body: bodyOf(request),
    chosen: request.session.domain ?? '',
    ask: (call, shape) => remembered({ call, shape, account }),
    askOn: (master, call, shape) => remembered({ call, shape, account, master }),
    awaits: () => isAwaited,
    submit: (action, params, next) => submit(parts, { actor, who, body: bodyOf(request) }, action, params, next),
    ago: (iso) => agoIn(options.language, iso, parts.clock()),
    plain: (text) => plainIn(parts, text),
    siteOf: (master) => parts.masters.list.find((one) => one.id === master)?.site ?? '',
  };
}

/** A request's body as texts. */
function bodyOf(request: Request): Readonly<Record<string, string>> {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null) return {};
  return Object.fromEntries(
    Object.entries(body).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  );
}

/** Host names of masters become the site that they stand in. */
export function plainIn(parts: Pick<CustomerParts, 'masters'>, text: string): string {
  let plain = text;
  for (const { hostname, site } of parts.masters.list) plain = plain.replaceAll(hostname, site);
  return plain;
}

interface Asking {
  readonly actor: Actor;
  readonly who: Customer;
  readonly body: Readonly<Record<string, string>>;
}

async function submit(
  parts: CustomerParts,
  { actor, who, body }: Asking,
  id: string,
  params: Readonly<Record<string, unknown>>,
  next: string,
): Promise<string> {
  const action = parts.catalogue.actionOf(id);
  if (action === undefined) throw new NotFound('problem.not-found');
  const parsed = action.params.safeParse(params);
  if (!parsed.success) {
    const issues = parsed.error.issues.map((one) => ({ path: one.path.map(String).join('.'), message: one.message }));
    throw new Invalid('form.again', issues);
  }
  const subject = action.subject(parsed.data);
  if (subject.kind !== 'account' || subject.account !== who.account) throw new NotFound('problem.not-found');
  if (whyNot(actor, action, subject) !== undefined) throw new NotAllowed('problem.not-allowed');
  const once = body['once'] === undefined ? {} : { idempotencyKey: body['once'].slice(0, 64) };
  const queue = body['queue'] === 'on';
  const asked = { action: id, params, actor, door: 'portal', queue, ...once } as const;
  const view = await parts.operations.accept(asked).catch((error: unknown) => {
    // Its sentence stands at the field.
    if (error instanceof Invalid && error.issues.length > 0) throw new Invalid('form.again', error.issues);
    throw error;
  });
  await parts.auth.audit({ actor, event: 'operation.accept', subject: view.id, detail: id });
  const decided = await parts.operations.wait(view.id, 'decided', decidedMs);
  if (decided.state === 'refused') throw new Refused('refused.by-server', { hint: plainIn(parts, reasonOf(decided)) });
  return `${next}${next.includes('?') ? '&' : '?'}done=${view.id}`;
}

/** Why an operation was refused, in the words of the server that refused it. */
export function reasonOf(view: OperationView): string {
  return (
    view.legs.find((leg) => leg.state === 'refused')?.error?.message ??
    view.legs.find((l) => l.error)?.error?.message ??
    ''
  );
}

/** A fresh value for a form's hidden field `once`: sent twice, the form counts once. */
export function onceOf(parts: CustomerParts): string {
  return ulid(parts.clock());
}

/** A message of an error in the visitor's language. */
export function telling(visit: Pick<Visit, 'language' | 'say'>, error: AppError): { sentence: string; hint: string } {
  if (error.message === 'refused.by-server') {
    return { sentence: visit.say('refused.by-server', { reason: error.hint ?? '' }), hint: '' };
  }
  return { sentence: sayAny(visit.language, error.message), hint: sayAny(visit.language, error.hint ?? '') };
}
