import { randomInt } from 'node:crypto';
import { newRsaKey, selfSigned } from '../certificates.ts';
import { Refused } from '../errors.ts';
import type { Master } from '../masters.ts';
import { whm } from '../whm/call.ts';
import type { Json, Side, Values } from './model.ts';
import { at, dataOf } from './steps/build.ts';

/** No name below it can be registered (RFC 2606), so no throw-away domain can ever be somebody's. */
const reserved = 'tandem-verify.example';
const letters = 'abcdefghijkmnpqrstuvwxyz';
const signs = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
/** Above what account systems give out by themselves (UID_MAX), below nobody; a far larger one would blow up lastlog. */
const uids = { from: 60_100, number: 4_000 } as const;

function some(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function password(): string {
  return `${some(signs, 10)}-${some(signs, 10)}7!qW`;
}

/** Names that nobody has, and secrets, for one run. `newKey` makes private RSA keys, PEM. */
export async function throwAwayValues(master: Master, newKey = newRsaKey): Promise<Values> {
  const user = `tv${some(letters, 5)}`;
  const other = `tw${some(letters, 5)}`;
  const names = [`${user}.${reserved}`] as const;
  const { cert, key } = await selfSigned({ names, days: 30, keyType: 'rsa', key: await newKey() });
  return {
    user,
    domain: `${user}.${reserved}`,
    password: password(),
    password2: password(),
    other,
    otherDomain: `${other}.${reserved}`,
    package: `${user}plan`,
    small: `${user}small`,
    token: `${user}t`,
    uid: uids.from + randomInt(uids.number),
    dkimKey: await newKey(),
    dkimKey2: await newKey(),
    certificate: cert,
    certificateKey: key,
    address: master.address,
    hostname: master.hostname,
  };
}

/** Seats that the licence still has; Infinity: it has no bound. Throws Refused when the server does not tell. */
export async function freeSeats(side: Side): Promise<number> {
  const [most, now] = [await side.call(whm('get_maximum_users')), await side.call(whm('get_current_users_count'))].map(
    (outcome) => Number(at(dataOf(outcome), 'users') ?? Number.NaN),
  );
  if (most === undefined || now === undefined || Number.isNaN(most) || Number.isNaN(now)) {
    throw new Refused('the server does not tell how many accounts its licence still allows', {
      hint: 'Use --read-only, or look into WHM › License.',
    });
  }
  return most <= 0 ? Number.POSITIVE_INFINITY : most - now;
}

/**
 * Whether there is such an account, and, with `domain`, whether it is the one with that main domain. Throws Refused when
 * the answer proves neither.
 */
export async function isThere(side: Side, user: string, domain?: string): Promise<boolean> {
  const outcome = await side.call(whm('accountsummary', { user }));
  if (outcome.kind === 'refused' && /does not exist|no accounts? found|not an account/iu.test(outcome.reason))
    return false;
  if (outcome.kind !== 'done') throw new Refused(`accountsummary of ${user} is ${outcome.kind}: ${outcome.reason}`);
  return domain === undefined || at(outcome.data, 'acct', 0, 'domain') === domain;
}

/** Throws Refused when a name of this run is taken: what is not ours is never touched. */
export async function proveFree(side: Side, users: readonly string[]): Promise<void> {
  for (const user of users) {
    if (await isThere(side, user)) throw new Refused(`there is an account ${user} already; start again`);
  }
}

/** Throw-away accounts of runs that were killed before they could clean up. They are told, never touched. */
export async function leftBehind(side: Side): Promise<readonly string[]> {
  const call = whm('listaccts', { search: reserved, searchtype: 'domain', want: 'user,domain' });
  const list = at(dataOf(await side.call(call)), 'acct');
  const rows: readonly Json[] = Array.isArray(list) ? list : [];
  return rows.filter((row) => String(at(row, 'domain')).endsWith(`.${reserved}`)).map((row) => String(at(row, 'user')));
}
