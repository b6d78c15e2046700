import { z } from 'zod';
import { shared } from './shared-field.ts';

/**
 * The fields of every action, one definition each. Whatever comes in (a form, a flag, a WHM call), what comes out is
 * canonical: lower case where case means nothing, no trailing dot, numbers as numbers. Every field refuses control and
 * invisible characters and has an upper length, so that bad input never reaches a master.
 */

/** What forms and documents say of a field. `hidden` fields are chosen by Tandem and offered to nobody. */
export interface FieldMeta {
  readonly label: string;
  readonly help?: string;
  readonly input?: 'text' | 'password' | 'email' | 'number' | 'select' | 'checkbox' | 'textarea' | 'list' | 'hidden';
  readonly secret?: boolean;
  readonly placeholder?: string;
}

const invisible = /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]*$/u;
const printable = 'must not hold control or invisible characters';
const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** One line of text without control characters; the ground of all other text fields. */
export const line = shared((max: number): z.ZodString => {
  return z.string().max(max, `must be at most ${max} characters`).regex(invisible, printable).trim();
});

/** Text of several lines: line breaks become \n, tabs stay, other control characters are refused. */
export const text = shared((max: number): z.ZodString => {
  return z
    .string()
    .max(max, `must be at most ${max} characters`)
    .overwrite((value) => value.replace(/\r\n?/g, '\n'))
    .refine((value) => value.split(/[\n\t]/).every((part) => invisible.test(part)), printable);
});

/** The ASCII form of a host name (IDNA, as browsers do it), or the input where it has none. */
export function toAscii(name: string): string {
  const bare = name.toLowerCase().replace(/\.$/, '');
  if (/^[a-z0-9._-]*$/.test(bare)) return bare;
  if (/[\s%/@:?#\\[\]]/.test(bare)) return bare;
  return URL.canParse(`http://${bare}`) ? new URL(`http://${bare}`).hostname : bare;
}

/** Whether every label is a host name's and the last one is not a number. */
export function isDomain(name: string): boolean {
  const labels = name.split('.');
  return (
    name.length <= 253 && labels.length > 1 && labels.every((l) => label.test(l)) && !/^\d+$/.test(labels.at(-1) ?? '')
  );
}

/** A domain in its ASCII form: 'bücher.example.' becomes 'xn--bcher-kva.example'. */
export const domain = shared((): z.ZodString => {
  return line(1000).overwrite(toAscii).refine(isDomain, 'must be a domain such as example.com');
});

/** An existing cPanel account. */
export const account = shared((): z.ZodString => {
  return line(16)
    .toLowerCase()
    .regex(/^[a-z][a-z0-9_-]{0,15}$/, 'must be a cPanel account name');
});

/** The name of an account to be made: WHM's documented rules for new ones. */
export const newAccount = shared((): z.ZodString => {
  return line(16)
    .toLowerCase()
    .regex(/^[a-z][a-z0-9]{0,15}$/, 'must be 1 to 16 letters and digits and start with a letter')
    .refine((name) => !name.startsWith('test'), 'must not start with "test"');
});

const localPart = /^[a-z0-9_+-]+(\.[a-z0-9_+-]+)*$/;
const anyLocalPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;

/** The part before the @ of a mailbox. */
export const local = shared((): z.ZodString => {
  return line(64).toLowerCase().regex(localPart, 'must be letters, digits, dots, hyphens and underscores');
});

function splitAddress(value: string): readonly [string, string] {
  const at = value.lastIndexOf('@');
  return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)];
}

/** A mailbox on a master: lower case, since Dovecot and Exim treat it so. */
export const mailbox = shared((): z.ZodString => {
  return line(320)
    .overwrite((value) => {
      const [left, right] = splitAddress(value.toLowerCase());
      return right === '' ? value : `${left}@${toAscii(right)}`;
    })
    .refine((value) => {
      const [left, right] = splitAddress(value);
      return left.length <= 64 && localPart.test(left) && isDomain(right);
    }, 'must be an address such as name@example.com');
});

/** An address anywhere: the domain in ASCII, the part before the @ as typed. */
export const email = shared((): z.ZodString => {
  return line(320)
    .overwrite((value) => {
      const [left, right] = splitAddress(value);
      return right === '' ? value : `${left}@${toAscii(right)}`;
    })
    .refine((value) => {
      const [left, right] = splitAddress(value);
      return left.length <= 64 && anyLocalPart.test(left) && isDomain(right);
    }, 'must be an address such as name@example.com');
});

/** The two halves of a parsed address. */
export function halves(address: string): { readonly local: string; readonly domain: string } {
  const [left, right] = splitAddress(address);
  return { local: left, domain: right };
}

function classes(value: string): number {
  return [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((pattern) => pattern.test(value)).length;
}

/** The floor under which no server's strength setting can be met; WHM's own rating may ask for more. */
export function isStrong(value: string): boolean {
  if (value.length < 8 || new Set(value).size < 6) return false;
  return value.length >= 16 || classes(value) >= 3 || (value.length >= 12 && classes(value) >= 2);
}

export const weak =
  'Sorry, the password you selected cannot be used because it is too weak and would be too easy to guess.';
export const containsName = 'Sorry, the password may not contain the username for security reasons.';

/** A new password. Not trimmed: spaces count. Whether it holds the account's name is asked with `mayUse`. */
export const password = shared((): z.ZodString => {
  return z.string().max(128, 'must be at most 128 characters').regex(invisible, printable).refine(isStrong, weak);
});

/** Whether a password does not hold the name that it protects. Undefined passwords are chosen by Tandem and fit. */
export function mayUse(secret: string | undefined, name: string): boolean {
  return secret === undefined || name.length < 3 || !secret.toLowerCase().includes(name.toLowerCase());
}

/** The name of a package, as WHM lists it (a reseller's has the prefix `reseller_`). */
export const packageName = shared((): z.ZodString => {
  return line(60).regex(/^[\p{L}\p{N}_][\p{L}\p{N} ._+-]*$/u, 'must be a package name');
});

/** A short name inside WHM: a feature list, a theme, a language. */
export const name = shared((): z.ZodString => {
  return line(64).regex(/^[\p{L}\p{N}_][\p{L}\p{N} ._+-]*$/u, 'must be a name of letters, digits, spaces and ._+-');
});

/** Ids of features, separated by commas or spaces; in the order of the alphabet, each once. */
export const featureIds = shared(() => {
  return line(4000)
    .overwrite((text) => [...new Set(text.split(/[\s,]+/).filter((id) => id !== ''))].sort().join(','))
    .regex(/^[a-z0-9_.-]+(,[a-z0-9_.-]+)*$/i, 'must be ids of features, separated by commas');
});

/** A whole number, typed or as text. */
export const whole = shared((min: number, max: number) => {
  const number = z.int(`must be a whole number from ${min} to ${max}`).min(min).max(max);
  return z.union(
    [
      number,
      z
        .string()
        .regex(/^\d{1,10}$/)
        .transform(Number)
        .pipe(number),
    ],
    {
      error: `must be a whole number from ${min} to ${max}`,
    },
  );
});

const endless = z.literal(['unlimited', '0', 'none']).transform(() => 'unlimited' as const);

/** A quota in MB: a whole number or 'unlimited'; 0 means unlimited, as it does to WHM. */
export const quotaMb = shared(() => {
  return z.union([endless, z.literal(0).transform(() => 'unlimited' as const), whole(1, 999_999_999)], {
    error: 'must be a number of MB, or unlimited',
  });
});

/** A count that a package or account may have: a whole number or 'unlimited'; here 0 means none. */
export const limit = shared(() => {
  return z.union([z.literal('unlimited'), whole(0, 999_999)], { error: 'must be a number, or unlimited' });
});

const yes = z.literal(['1', 'y', 'yes', 'on', 'true', 'enabled']).transform(() => true);
const no = z.literal(['0', 'n', 'no', 'off', 'false', 'disabled', '']).transform(() => false);

/** Yes or no, typed or as forms and WHM write it. */
export const flag = shared(() => {
  return z.union([z.boolean(), yes, no, z.literal(1).transform(() => true), z.literal(0).transform(() => false)], {
    error: 'must be yes or no',
  });
});

/** Seconds that resolvers may keep a record. */
export const ttl = shared(() => {
  return whole(1, 2_147_483_647);
});

/** A database or database user with its prefix. The prefix itself is known only to each master. */
export const databaseName = shared((max: number): z.ZodString => {
  return line(max).regex(/^[A-Za-z0-9_]+$/, 'must be letters, digits and underscores');
});

/** A folder below the account's home, without a way out of it. */
export const folder = shared((): z.ZodString => {
  return line(255)
    .overwrite((value) => value.replace(/^\/+|\/+$/g, ''))
    .regex(/^[\w.@-]+(\/[\w.@ -]+)*$/, 'must be a folder below the home folder, such as public_html/shop')
    .refine(
      (value) => !value.split('/').includes('..') && !value.split('/').includes('.'),
      'must stay below the home folder',
    );
});

const part = /^[^/,\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]{1,255}$/u;
const isPart = (name: string): boolean => part.test(name) && name !== '.' && name !== '..';

/** The name of one file or folder. No comma: cPanel's file functions take lists with commas. */
export const fileName = shared((): z.ZodString => {
  return z.string().max(255).refine(isPart, 'must be a name without slash and comma');
});

/** A file or folder of the home, without a way out of it; '' is the home itself. */
export const homePath = shared((): z.ZodString => {
  return z
    .string()
    .max(1000)
    .overwrite((value) => value.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/'))
    .refine(
      (value) => value === '' || value.split('/').every(isPart),
      'must be a path below the home folder, such as public_html/shop',
    );
});

/** Names of entries of one folder. */
export const fileNames = shared(() => {
  const list = z.array(fileName()).min(1, 'name at least one').max(100, 'must be at most 100');
  return z.union([list, fileName().transform((name) => [name])]);
});

/** An address or a network, as servers block them. */
export const network = shared((): z.ZodString => {
  return line(60)
    .toLowerCase()
    .refine(
      (value) => z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]).safeParse(value).success,
      'must be an address or a network, such as 192.0.2.7 or 192.0.2.0/24',
    );
});

/** A page of any site. */
export const webAddress = shared((): z.ZodString => {
  return line(2000).refine((value) => {
    if (/["\\\s]/.test(value) || !URL.canParse(value)) return false;
    return /^https?:$/.test(new URL(value).protocol);
  }, 'must be an address such as https://example.com/');
});

/** An RSA private key, PEM. Chosen by Tandem; made once and installed on every master. */
export const privateKey = shared((): z.ZodString => {
  return text(8000).regex(
    /^-----BEGIN (RSA )?PRIVATE KEY-----\n[A-Za-z0-9+/=\n]+-----END (RSA )?PRIVATE KEY-----\n?$/,
    'must be an RSA private key in PEM',
  );
});

/** crypt(3)'s text of a password, as servers keep it ($6$salt$hash). */
export const passwordHash = shared((): z.ZodString => {
  return z
    .string()
    .max(300)
    .regex(/^\$[0-9a-z]{1,8}\$[\x21-\x39\x3b-\x7e]+$/, 'must be a password hash such as $6$…');
});

/** Whether a typed password is to travel as its hash (travelling-password.ts). */
export const asHash = shared(() => {
  return z.boolean().optional().meta({ label: 'Password as a hash', input: 'hidden' });
});

/** One or more PEM blocks of a kind: certificates, or a private key of any algorithm. */
export function pem(kind: 'CERTIFICATE' | 'PRIVATE KEY', most: number): z.ZodString {
  const label = kind === 'CERTIFICATE' ? 'CERTIFICATE' : '(?:RSA |EC )?PRIVATE KEY';
  const block = `-----BEGIN ${label}-----\\n[A-Za-z0-9+/=\\n]+-----END ${label}-----\\n*`;
  return text(64_000).regex(new RegExp(`^(?:${block}){1,${most}}$`), `must be a ${kind.toLowerCase()} in PEM`);
}
