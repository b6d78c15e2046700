import type { Config } from '../config.ts';
import { configKeys } from '../config-keys.ts';

/** What the configuration says now, by key and without secrets, for the settings page. */
export function settingsOf(config: Config): readonly { readonly label: string; readonly value: string }[] {
  return configKeys
    .filter((key) => key.secret !== true && !key.path.includes('*'))
    .flatMap((key) => {
      const value = at(config, key.path.split('.'));
      return value === undefined || typeof value === 'object' ? [] : [{ label: key.path, value: String(value) }];
    });
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inside, name) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, name) : undefined),
    value,
  );
}
