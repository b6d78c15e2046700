import type { Clock } from '../../clock.ts';
import type { Outcome } from '../publish/model.ts';
import { brakeWordOf } from '../state/notes.ts';
import type { Store } from '../state/store.ts';

/**
 * What people say to the change brake. A word is about numbers: one that was said on another watcher counts here only
 * where the order would do the same, since a directory that differs is what the brake is there for.
 */
export interface BrakeWords {
  /** A person has seen the numbers here and goes on with this order. */
  confirm(order: string, by: string): void;
  /** Whether a person goes on with it. `asked`: what it would do here, where the brake asked. */
  goesOn(order: string, asked: Outcome | undefined): boolean;
  /** Passes on what was said here, with the numbers that it is about; once. */
  share(order: string, outcome: Outcome): Promise<void>;
}

type Deps = { readonly store: Pick<Store, 'notes' | 'say'>; readonly clock: Pick<Clock, 'now'> };

export function openBrakeWords({ store, clock }: Deps): BrakeWords {
  let confirmed: { readonly order: string; readonly by: string } | undefined;
  return {
    confirm(order, by) {
      confirmed = { order, by };
    },
    goesOn(order, asked) {
      if (confirmed?.order === order) return true;
      const word = brakeWordOf(store.notes());
      if (word?.order !== order || asked === undefined) return false;
      const { zones, changed, values } = asked.counts;
      return word.zones === zones && word.changed === changed && word.values === values;
    },
    async share(order, { counts: { zones, changed, values } }) {
      if (confirmed?.order !== order || brakeWordOf(store.notes())?.order === order) return;
      await store.say('brake', { kind: 'brake', by: confirmed.by, at: clock.now(), order, zones, changed, values });
    },
  };
}
