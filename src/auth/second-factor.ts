/**
 * The second factor: time-based codes (RFC 6238: SHA-1, 6 digits, 30 s) from a person's telephone, and recovery codes
 * for the day it is lost. Secrets are sealed; a code is taken once; guesses are counted apart from passwords.
 */
import { Secret, TOTP } from 'otpauth';
import { Refused } from '../errors.ts';
import type { SecondFactorsTable } from '../store/auth-tables.ts';
import type { AuthDeps, AuthSeal } from './journal.ts';
import { codesLeft, makeCodes, spendCode } from './recovery-codes.ts';
import { throttleClear, throttleTake } from './throttle.ts';

/** What became of a code. 'wrong' says nothing more: unknown, used before, or none was ever set up. */
export type CodeCheck =
  | { readonly kind: 'right'; readonly recovery: boolean; readonly left: number }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface SecondFactorState {
  /** Set up and confirmed: sign-in asks for a code. */
  readonly active: boolean;
  readonly since?: number;
  /** Recovery codes that are left. */
  readonly left: number;
}

/** Shown once, while a person sets it up. */
export interface SetUp {
  /** Base32, to be typed where a picture cannot be taken. */
  readonly secret: string;
  /** 'otpauth://totp/…', the content of the QR code. */
  readonly uri: string;
}

/** What became of the end of a set-up. */
export type Confirmed =
  | { readonly kind: 'on'; readonly codes: readonly string[] }
  | Exclude<CodeCheck, { readonly kind: 'right' }>;

export interface SecondFactor {
  state(person: string): Promise<SecondFactorState>;
  /** Makes a secret that counts once `confirm` has seen a code of it. Throws Refused while one is active. */
  begin(person: string): Promise<SetUp>;
  /** The pending secret again, so that a page can be loaded twice; undefined: none is pending. */
  pending(person: string): Promise<SetUp | undefined>;
  /** Ends the set-up with a right code; the recovery codes are in the answer and nowhere else. */
  confirm(person: string, code: string, address: string): Promise<Confirmed>;
  /** Takes a code or a recovery code, once. */
  check(person: string, code: string, address: string): Promise<CodeCheck>;
  /** New recovery codes; the old ones are void. Throws Refused when no second factor is active. */
  newCodes(person: string): Promise<readonly string[]>;
  /** Removes it, with its recovery codes and the passkeys that came beside it. */
  remove(person: string): Promise<void>;
}

const stepMs = 30_000;
/** Clocks may be one step apart, each way. */
const driftSteps = 1;

type Deps = AuthDeps & { readonly seal: AuthSeal };

function totpOf(person: string, secret: Secret): TOTP {
  return new TOTP({ issuer: 'Tandem', label: person, algorithm: 'SHA1', digits: 6, period: stepMs / 1000, secret });
}

function openSecret(deps: Deps, row: SecondFactorsTable): Secret {
  return Secret.fromBase32(deps.seal.openWith(deps.seal.openDataKey(row.data_key), row.secret));
}

/** The time step whose code this is, near now; undefined: none. */
export function stepOf(totp: TOTP, code: string, now: number): number | undefined {
  const delta = totp.validate({ token: code, timestamp: now, window: driftSteps });
  return delta === null ? undefined : Math.floor(now / stepMs) + delta;
}

function row(deps: Deps, person: string): Promise<SecondFactorsTable | undefined> {
  return deps.journal.read((db) =>
    db.selectFrom('second_factors').selectAll().where('person', '=', person).executeTakeFirst(),
  );
}

/** Whoever moves `last_step` on has used the code; two at once cannot. */
async function takeStep(deps: Deps, person: string, step: number): Promise<boolean> {
  const taken = await deps.journal.write((db) =>
    db
      .updateTable('second_factors')
      .set({ last_step: step })
      .where('person', '=', person)
      .where('last_step', '<', step)
      .executeTakeFirst(),
  );
  return taken.numUpdatedRows > 0n;
}

async function isRight(deps: Deps, found: SecondFactorsTable, code: string): Promise<boolean> {
  const step = stepOf(totpOf(found.person, openSecret(deps, found)), code, deps.clock());
  return step !== undefined && (await takeStep(deps, found.person, step));
}

function setUpOf(deps: Deps, found: SecondFactorsTable): SetUp {
  const totp = totpOf(found.person, openSecret(deps, found));
  return { secret: totp.secret.base32, uri: totp.toString() };
}

async function throttled(deps: Deps, person: string, address: string): Promise<Wait | undefined> {
  const wait = await throttleTake(deps, person, address, 'code');
  return wait > 0 ? { kind: 'wait', seconds: Math.ceil(wait / 1000) } : undefined;
}

type Wait = Extract<CodeCheck, { kind: 'wait' }>;

async function begin(deps: Deps, person: string): Promise<SetUp> {
  const secret = new Secret({ size: 20 });
  const { key, sealed } = deps.seal.createDataKey();
  const fresh = {
    person,
    data_key: sealed,
    secret: deps.seal.sealWith(key, secret.base32),
    created_at: deps.clock(),
    confirmed_at: null,
    last_step: 0,
  };
  await deps.journal.write(async (db) => {
    const old = db.selectFrom('second_factors').select('confirmed_at').where('person', '=', person);
    if ((await old.executeTakeFirst())?.confirmed_at)
      throw new Refused('A second factor is already set up.', { hint: 'Remove it first.' });
    await db.deleteFrom('second_factors').where('person', '=', person).execute();
    await db.insertInto('second_factors').values(fresh).execute();
  });
  return setUpOf(deps, fresh);
}

async function confirm(deps: Deps, person: string, code: string, address: string): Promise<Confirmed> {
  const wait = await throttled(deps, person, address);
  if (wait !== undefined) return wait;
  const found = await row(deps, person);
  const isPending = found !== undefined && found.confirmed_at === null;
  if (!isPending || !(await isRight(deps, found, code.replaceAll(/\s/g, '')))) return { kind: 'wrong' };
  await throttleClear(deps, person, address, 'code');
  const codes = await makeCodes(deps, person);
  await deps.journal.write((db) =>
    db
      .updateTable('second_factors')
      .set({ confirmed_at: deps.clock() })
      .where('person', '=', person)
      .where('secret', '=', found.secret)
      .execute(),
  );
  return { kind: 'on', codes };
}

async function check(deps: Deps, person: string, code: string, address: string): Promise<CodeCheck> {
  const wait = await throttled(deps, person, address);
  if (wait !== undefined) return wait;
  const found = await row(deps, person);
  if (found === undefined || found.confirmed_at === null) return { kind: 'wrong' };
  const typed = code.replaceAll(/\s/g, '').slice(0, 32);
  const byTelephone = /^\d{6}$/.test(typed);
  const right = byTelephone ? await isRight(deps, found, typed) : await spendCode(deps, person, typed);
  if (!right) return { kind: 'wrong' };
  await throttleClear(deps, person, address, 'code');
  return { kind: 'right', recovery: !byTelephone, left: await codesLeft(deps, person) };
}

/** Opens nothing; journal and seal are their owner's to close. */
export function openSecondFactor(deps: Deps): SecondFactor {
  return {
    async state(person) {
      const found = await row(deps, person);
      if (found === undefined || found.confirmed_at === null) return { active: false, left: 0 };
      return { active: true, since: Number(found.confirmed_at), left: await codesLeft(deps, person) };
    },
    begin: (person) => begin(deps, person),
    async pending(person) {
      const found = await row(deps, person);
      return found === undefined || found.confirmed_at !== null ? undefined : setUpOf(deps, found);
    },
    confirm: (person, code, address) => confirm(deps, person, code, address),
    check: (person, code, address) => check(deps, person, code, address),
    async newCodes(person) {
      const found = await row(deps, person);
      if (found === undefined || found.confirmed_at === null) throw new Refused('No second factor is set up.');
      return makeCodes(deps, person);
    },
    async remove(person) {
      await deps.journal.write(async (db) => {
        await db.deleteFrom('second_factors').where('person', '=', person).execute();
        await db.deleteFrom('recovery_codes').where('person', '=', person).execute();
        await db.deleteFrom('passkeys').where('person', '=', person).execute();
      });
    },
  };
}
