/**
 * Passkeys (Web Authentication Level 3) at the second step, beside the code from the telephone. They come with a second
 * factor that is set up and go with it, so that recovery stays what it is: the codes. What is stored is public: a public
 * key, and how often it signed.
 */
import { createHash } from 'node:crypto';
import type { AuthenticationResponseJSON, AuthenticatorTransport } from '@simplewebauthn/server';
import { z } from 'zod';
import { Invalid, Refused } from '../errors.ts';
import type { PasskeysTable } from '../store/auth-tables.ts';
import type { AuthDeps, AuthSeal } from './journal.ts';
import { codesLeft } from './recovery-codes.ts';
import type { CodeCheck } from './second-factor.ts';
import { throttleClear, throttleTake } from './throttle.ts';

type Deps = AuthDeps & { readonly seal: AuthSeal };

/** Where a portal is reached: what browsers bind passkeys to. */
export interface PasskeySite {
  /** A host name, never an address. */
  readonly rpId: string;
  /** 'https://tandem.example.com:8443'. */
  readonly origin: string;
}

/** What is asked of a browser, once. */
export interface PasskeyQuestion {
  /** JSON of the options that the browser is given. */
  readonly options: string;
  /** To be kept until the answer comes. */
  readonly challenge: string;
}

export interface PasskeyInfo {
  readonly id: string;
  readonly label: string;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}

export interface Passkeys {
  list(person: string): Promise<readonly PasskeyInfo[]>;
  /** Asks for a new passkey. */
  askNew(site: PasskeySite, person: string): Promise<PasskeyQuestion>;
  /** Keeps a new passkey. Throws Invalid for an answer that is none to this question, Refused without a second factor. */
  add(site: PasskeySite, person: string, challenge: string, given: NewPasskey): Promise<void>;
  /** Asks for a signature; undefined: the person has no passkey. */
  ask(site: PasskeySite, person: string): Promise<PasskeyQuestion | undefined>;
  /** Whether the answer is signed by a passkey of the person, for this question. Counted as guesses of codes are. */
  check(site: PasskeySite, person: string, answered: Answered): Promise<CodeCheck>;
  /** False: there is no such passkey of the person. */
  remove(person: string, id: string): Promise<boolean>;
}

export interface Answered {
  /** undefined: nothing was asked, or too long ago. */
  readonly challenge: string | undefined;
  /** The browser's answer, JSON. */
  readonly answer: string;
  /** Where it came from. */
  readonly address: string;
}

export interface NewPasskey {
  readonly label: string;
  /** The browser's answer, JSON. */
  readonly answer: string;
}

/** Where passkeys can be had; undefined: browsers bind none to an address, or to a portal whose name is not told. */
export function passkeySite(url: string | undefined): PasskeySite | undefined {
  if (url === undefined) return undefined;
  const { hostname, origin } = new URL(url);
  return /^[\d.]+$|^\[/.test(hostname) ? undefined : { rpId: hostname, origin };
}

/** The library is large and seldom needed: it is loaded when the first passkey is asked for. */
const library = () => import('@simplewebauthn/server');

const mostPerPerson = 20;
const base64url = z.string().regex(/^[\w-]{1,8192}$/);
const credential = z.object({ id: base64url, rawId: base64url, type: z.literal('public-key') });
const created = credential.extend({
  response: z.object({
    clientDataJSON: base64url,
    attestationObject: base64url,
    transports: z.array(z.string().max(16)).max(8).optional(),
  }),
  clientExtensionResults: z.object({}).default({}),
});
const signed = credential.extend({
  response: z.object({ clientDataJSON: base64url, authenticatorData: base64url, signature: base64url }),
  clientExtensionResults: z.object({}).default({}),
});

/** undefined: no JSON, or not of that shape. */
function parsed<T>(shape: z.ZodType<T>, text: string): T | undefined {
  try {
    return shape.safeParse(JSON.parse(text.slice(0, 32_768))).data;
  } catch {
    // Whoever types something else has no passkey.
    return undefined;
  }
}

function keyOf(credentialId: string): string {
  return createHash('sha256').update(credentialId).digest('hex');
}

function rowsOf(deps: AuthDeps, person: string): Promise<readonly PasskeysTable[]> {
  return deps.journal.read((db) =>
    db.selectFrom('passkeys').selectAll().where('person', '=', person).orderBy('created_at').execute(),
  );
}

function transportsOf(row: PasskeysTable): AuthenticatorTransport[] {
  // Cast: the browser's own words, handed back to it; what it does not know it passes over.
  return row.transports.split(' ').filter(Boolean) as AuthenticatorTransport[];
}

function known(rows: readonly PasskeysTable[]) {
  return rows.map((row) => ({ id: row.credential, transports: transportsOf(row) }));
}

async function askNew(deps: AuthDeps, site: PasskeySite, person: string): Promise<PasskeyQuestion> {
  const { generateRegistrationOptions } = await library();
  const options = await generateRegistrationOptions({
    rpName: 'Tandem',
    rpID: site.rpId,
    userName: person,
    attestationType: 'none',
    excludeCredentials: known(await rowsOf(deps, person)),
    // The password came first: who has the device need not prove it to the device as well.
    authenticatorSelection: { residentKey: 'discouraged', userVerification: 'discouraged' },
  });
  return { options: JSON.stringify(options), challenge: options.challenge };
}

async function add(
  deps: AuthDeps,
  site: PasskeySite,
  person: string,
  challenge: string,
  given: NewPasskey,
): Promise<void> {
  const response = parsed(created, given.answer);
  const verified = response === undefined ? undefined : await registered(site, challenge, response);
  if (response === undefined || verified === undefined) throw new Invalid('The browser gave no passkey.');
  const fresh: PasskeysTable = {
    id: keyOf(verified.id),
    person,
    label: given.label,
    credential: verified.id,
    public_key: Buffer.from(verified.publicKey).toString('base64url'),
    counter: verified.counter,
    transports: (response.response.transports ?? []).join(' '),
    created_at: deps.clock(),
    last_used_at: null,
  };
  await deps.journal.write(async (db) => {
    const factor = db.selectFrom('second_factors').select('confirmed_at').where('person', '=', person);
    if (!(await factor.executeTakeFirst())?.confirmed_at)
      throw new Refused('A passkey comes beside a second factor.', { hint: 'Set up the second factor first.' });
    const others = await db.selectFrom('passkeys').select(['id', 'person']).where('person', '=', person).execute();
    if (others.length >= mostPerPerson) throw new Refused(`A person has at most ${mostPerPerson} passkeys.`);
    const taken = await db.selectFrom('passkeys').select('id').where('id', '=', fresh.id).executeTakeFirst();
    if (taken !== undefined) throw new Refused('This passkey is known already.');
    await db.insertInto('passkeys').values(fresh).execute();
  });
}

async function registered(site: PasskeySite, challenge: string, response: z.output<typeof created>) {
  const { verifyRegistrationResponse } = await library();
  const { transports, ...rest } = response.response;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { ...response, response: rest },
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: false,
    });
    return verified ? registrationInfo.credential : undefined;
  } catch {
    // The library throws for whatever is not as it should be: another site, another question, a broken answer.
    return undefined;
  }
}

async function ask(deps: AuthDeps, site: PasskeySite, person: string): Promise<PasskeyQuestion | undefined> {
  const rows = await rowsOf(deps, person);
  if (rows.length === 0) return undefined;
  const { generateAuthenticationOptions } = await library();
  const options = await generateAuthenticationOptions({
    rpID: site.rpId,
    allowCredentials: known(rows),
    userVerification: 'discouraged',
  });
  return { options: JSON.stringify(options), challenge: options.challenge };
}

async function check(deps: Deps, site: PasskeySite, person: string, answered: Answered): Promise<CodeCheck> {
  const { challenge, answer, address } = answered;
  const wait = await throttleTake(deps, person, address, 'code');
  if (wait > 0) return { kind: 'wait', seconds: Math.ceil(wait / 1000) };
  if (challenge === undefined || !(await isSigned(deps, site, person, challenge, answer))) return { kind: 'wrong' };
  await throttleClear(deps, person, address, 'code');
  return { kind: 'right', recovery: false, left: await codesLeft(deps, person) };
}

async function isSigned(
  deps: Deps,
  site: PasskeySite,
  person: string,
  challenge: string,
  answer: string,
): Promise<boolean> {
  const response = parsed(signed, answer);
  const row = (await rowsOf(deps, person)).find((one) => one.credential === response?.id);
  if (response === undefined || row === undefined) return false;
  const counter = await counterOf(site, challenge, response, row);
  if (counter === undefined) return false;
  // Of two that show the same signature at once, one moves the counter; devices that keep none stay at 0.
  const moved = await deps.journal.write((db) =>
    db
      .updateTable('passkeys')
      .set({ counter, last_used_at: deps.clock() })
      .where('id', '=', row.id)
      .where('counter', '=', row.counter)
      .executeTakeFirst(),
  );
  return moved.numUpdatedRows > 0n;
}

async function counterOf(
  site: PasskeySite,
  challenge: string,
  response: AuthenticationResponseJSON,
  row: PasskeysTable,
): Promise<number | undefined> {
  const { verifyAuthenticationResponse } = await library();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: site.origin,
      expectedRPID: site.rpId,
      requireUserVerification: false,
      credential: {
        id: row.credential,
        publicKey: new Uint8Array(Buffer.from(row.public_key, 'base64url')),
        counter: Number(row.counter),
        transports: transportsOf(row),
      },
    });
    return verified ? authenticationInfo.newCounter : undefined;
  } catch {
    // As above: also a counter that went back, which a copied key would show.
    return undefined;
  }
}

/** Opens nothing; the journal is its owner's to close. */
export function openPasskeys(deps: Deps): Passkeys {
  return {
    async list(person) {
      return (await rowsOf(deps, person)).map((row) => ({
        id: row.id,
        label: row.label,
        createdAt: Number(row.created_at),
        ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
      }));
    },
    askNew: (site, person) => askNew(deps, site, person),
    add: (site, person, challenge, given) => add(deps, site, person, challenge, given),
    ask: (site, person) => ask(deps, site, person),
    check: (site, person, answered) => check(deps, site, person, answered),
    async remove(person, id) {
      const gone = await deps.journal.write((db) =>
        db.deleteFrom('passkeys').where('id', '=', id).where('person', '=', person).executeTakeFirst(),
      );
      return gone.numDeletedRows > 0n;
    },
  };
}
