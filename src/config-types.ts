import { z } from 'zod';

/** The kinds of value that configuration keys have. */

/** A whole number; the environment has only texts. */
export function whole(least: number, most: number) {
  const number = z.int().min(least).max(most);
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value),
    number,
  );
}

/** Yes or no; the environment has only texts. */
export const flag = z.preprocess((value) => (value === 'true' ? true : value === 'false' ? false : value), z.boolean());

/** A TCP port. */
export const port = whole(1, 65_535);
/** Up to a day. */
export const milliseconds = whole(1, 86_400_000);
/** Not empty. */
export const text = z.string().min(1);
/** A host name or an address. */
export const host = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$/, 'must be a host name or an address');

/** `kind` follows from the other keys where they leave no choice. */
export function kindFrom(mark: string, kind: string, otherwise: string) {
  return (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null || 'kind' in value) return value;
    return { kind: mark in value ? kind : otherwise, ...value };
  };
}

/** Why a master's certificate is believed. There is no 'off'. */
export type Trust =
  | { readonly kind: 'ca'; readonly pem: string }
  /** 'AB:CD:…', as `X509Certificate.fingerprint256` has it. */
  | { readonly kind: 'pin'; readonly fingerprint256: string };

/** How a master's database server is reached: by Tandem, and by the other master. */
export interface DatabaseAccess {
  readonly socket?: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password?: string;
  /** PEM. */
  readonly ca?: string;
  readonly peer: { readonly host: string; readonly port: number };
  readonly from: string;
  readonly configure?: readonly string[];
  readonly files?: readonly string[];
  readonly directory: string;
}
