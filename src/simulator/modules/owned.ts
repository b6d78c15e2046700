/** Hooks for tables whose rows belong to an account and whose keys begin with its name: 'bob/…'. */
import type { Hooks } from '../handler.ts';
import type { Table } from '../state.ts';

/** Rows go with their account and take its new name. */
export function ownedHooks<T extends { readonly user: string }>(owned: Table<T>): Hooks {
  return {
    removing({ state }, { user }) {
      for (const key of state.of(owned).keysBy(user)) state.of(owned).delete(key);
    },
    renamed({ state }, { user }, from) {
      const rows = state.of(owned);
      for (const key of rows.keysBy(from)) {
        const row = rows.get(key);
        rows.delete(key);
        if (row !== undefined) rows.set(key.replace(`${from}/`, `${user}/`), { ...row, user });
      }
    },
  };
}

/** The two life hooks of several tables, one after the other. */
export function inTurn(...all: readonly Hooks[]): Hooks {
  return {
    removing(context, account, options) {
      for (const hooks of all) hooks.removing?.(context, account, options);
    },
    renamed(context, account, from, options) {
      for (const hooks of all) hooks.renamed?.(context, account, from, options);
    },
  };
}
