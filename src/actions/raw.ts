import type { Args } from '../whm/call.ts';

/** From the arguments of a WHM, UAPI or API 2 call to the parameters of an action. */

/** Shape the answer only, or repeat the address of the function. */
const silent = /^(api\.|cpanel\.(module|function)$|cpanel_jsonapi_(module|func|apiversion|version)$|api2_)/;

export interface Wording {
  /** Argument name → parameter name. Several names may mean one parameter. */
  readonly names: Readonly<Record<string, string>>;
  /** Arguments that say what the action does anyway, with the values that say so. */
  readonly implied?: Readonly<Record<string, readonly string[]>>;
  /**
   * What becomes of an argument that the action cannot express. 'leave' (default): the action does not take the call.
   * 'name': the argument stays under its own name, so that parsing refuses it and says which: for functions that must
   * never be called as they are.
   */
  readonly unknown?: 'leave' | 'name';
}

/** UAPI through WHM names the account so; a door that serves the cPanel port puts it in. */
export const cpanelUser = { 'cpanel.user': 'account', cpanel_jsonapi_user: 'account' } as const;

/** The parameter of an argument: null where it says nothing new, undefined where the action has no word for it. */
function paramOf(name: string, value: string, wording: Wording): string | null | undefined {
  if (silent.test(name) || wording.implied?.[name]?.includes(value)) return null;
  if (Object.hasOwn(wording.names, name)) return wording.names[name];
  return wording.unknown === 'name' ? name : undefined;
}

/** The parameters that the arguments ask for, or undefined where the action would narrow them. */
export function wordedAs(raw: Args, wording: Wording): Record<string, unknown> | undefined {
  const params: Record<string, unknown> = {};
  for (const [name, value] of raw) {
    const param = paramOf(name, value, wording);
    if (param === null) continue;
    if (param === undefined || (Object.hasOwn(params, param) && params[param] !== value)) return undefined;
    params[param] = value;
  }
  return params;
}

/** A cover for functions whose arguments map one to one. */
export function worded(wording: Wording): (raw: Args) => Record<string, unknown> | undefined {
  return (raw) => wordedAs(raw, wording);
}

/**
 * 'email' and 'domain' become one address. An address without a domain means the account's main domain, which only a
 * master knows: not taken.
 */
export function joined(params: Record<string, unknown> | undefined, as: string): Record<string, unknown> | undefined {
  if (params === undefined) return undefined;
  const { local, domain, ...rest } = params;
  if (typeof local !== 'string') return undefined;
  if (local.includes('@')) return { ...rest, [as]: local };
  return typeof domain === 'string' ? { ...rest, [as]: `${local}@${domain}` } : undefined;
}
