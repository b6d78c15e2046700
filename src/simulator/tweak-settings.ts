/** Settings of the server that change how it answers. */
import { type State, table } from './state.ts';

export interface TweakSetting {
  readonly key: string;
  readonly value: string;
}

/** Key: 'module/key'. */
export const tweakSettings = table<TweakSetting>('tweak-settings');

const DEFAULTS: Readonly<Record<string, string>> = {
  'Main/cookieipvalidation': 'strict',
  'Main/alwaysredirecttossl': '1',
  'Main/allow_deprecated_accesshash': '0',
  'Main/maxcpsrvdconnections': '200',
};

/** A setting's value; undefined when the server has none of that name. */
export function tweakSetting(state: State, module: string, key: string): string | undefined {
  const name = `${module}/${key}`;
  return state.of(tweakSettings).get(name)?.value ?? DEFAULTS[name];
}

/** Whether a cookie made for one address may come from another. */
export function cookieMayCome(state: State, made: string | null, from: string): boolean {
  if (made === null || made === from) return true;
  const how = tweakSetting(state, 'Main', 'cookieipvalidation');
  if (how === 'disabled') return true;
  const network = (address: string): string => address.slice(0, address.lastIndexOf('.'));
  return how === 'loose' && network(made) === network(from);
}
