/**
 * From what was read on both servers to what setup does. Pure and level-based:
 *
 *   refusals → settings, restart → own database → each database
 */
import { isDetached, isLeaving, noteNames, type PgServerSeen } from './model.ts';
import { isLocalDatabase, ownName, slotName } from './names.ts';
import { hasPgSetting, type PgWanted, wantedPgSettings } from './settings.ts';

export interface PgLimits {
  readonly databases: number;
  readonly keepMegabytes: number;
}

export type PgStep =
  | { readonly kind: 'set'; readonly master: string; readonly wanted: PgWanted; readonly was: string }
  | { readonly kind: 'restart'; readonly master: string; readonly why: readonly string[] }
  | { readonly kind: 'own'; readonly master: string }
  | { readonly kind: 'carry'; readonly database: string; readonly only: string | undefined };

export type PgPlan =
  | { readonly kind: 'refused'; readonly reasons: readonly string[]; readonly hint: string }
  | { readonly kind: 'settled' }
  | { readonly kind: 'apply'; readonly steps: readonly PgStep[] };

/** Series that the tests run on, each with itself only. */
export const testedPg: readonly string[] = ['15'];

/** Before 15.8 a table's owner could run what he liked as whoever reads or dumps it (CVE-2024-7348). */
const needed = 'restrict_nonsystem_relation_kind';

function refusals(a: PgServerSeen, b: PgServerSeen): readonly string[] {
  const series = (one: PgServerSeen): string => one.version.split('.')[0] ?? '';
  return [a, b].flatMap((one) => {
    if (!testedPg.includes(series(one)))
      return [
        `${one.name} runs PostgreSQL ${one.version}: tested are ${testedPg.map((s) => `${s} with ${s}`).join(', ')}.`,
      ];
    return needed in one.settings
      ? []
      : [
          `${one.name} runs PostgreSQL ${one.version}: without what was mended in 15.8 its users could become superusers.`,
        ];
  });
}

function settingSteps(one: PgServerSeen, limits: PgLimits): readonly PgStep[] {
  const wanted = wantedPgSettings(one.settings, limits);
  const lacking = wanted.filter((w) => !hasPgSetting(w, one.settings));
  const outstanding = wanted.filter(
    (w) => w.restart && (lacking.includes(w) || one.settings[w.name]?.pending === true),
  );
  return [
    ...lacking.map((w): PgStep => ({ kind: 'set', master: one.id, wanted: w, was: one.settings[w.name]?.value ?? '' })),
    ...(outstanding.length === 0
      ? []
      : [{ kind: 'restart', master: one.id, why: outstanding.map((w) => `${w.name}: ${w.reason}`) } as const]),
  ];
}

/** Databases of accounts on either master that nobody cut off. */
export function accountDatabases(a: PgServerSeen['glance'], b: PgServerSeen['glance']): readonly string[] {
  const all = [...a.databases, ...b.databases].map((one) => one.name);
  return [...new Set(all)]
    .filter((name) => !isLocalDatabase(name) && !isDetached(a, name) && !isDetached(b, name))
    .sort();
}

/** True when both masters keep a sound slot for the other and know from where they apply. */
export function isCarried(a: PgServerSeen['glance'], b: PgServerSeen['glance'], database: string): boolean {
  const sound = (on: PgServerSeen['glance'], other: PgServerSeen['glance']): boolean =>
    on.slots.some((one) => one.name === slotName(other.id, database) && one.walStatus !== 'lost') &&
    on.origins.includes(slotName(on.id, database)) &&
    on.databases.some((one) => one.name === database);
  const isOpen = [a, b].some((one) => noteNames.filling(database) in one.notes || isLeaving(one, database));
  return sound(a, b) && sound(b, a) && !isOpen;
}

function carrySteps(a: PgServerSeen, b: PgServerSeen): readonly PgStep[] {
  return [ownName, ...accountDatabases(a.glance, b.glance)]
    .filter((name) => !isCarried(a.glance, b.glance, name))
    .filter((name) => !isLeaving(a.glance, name) && !isLeaving(b.glance, name))
    .map((database): PgStep => {
      const [left, right] = [a, b].map((one) => one.glance.databases.some((d) => d.name === database));
      const only = left === right ? undefined : left === true ? a.id : b.id;
      return { kind: 'carry', database, only: database === ownName ? undefined : only };
    });
}

/** The whole plan; 'settled' when nothing is left to do. */
export function planPg(a: PgServerSeen, b: PgServerSeen, limits: PgLimits): PgPlan {
  const reasons = refusals(a, b);
  if (reasons.length > 0) return { kind: 'refused', reasons, hint: 'Nothing was changed.' };
  const own = [a, b].filter((one) => !one.glance.hasOwn).map((one): PgStep => ({ kind: 'own', master: one.id }));
  const settings = [...settingSteps(a, limits), ...settingSteps(b, limits)];
  const steps = [...settings, ...own, ...carrySteps(a, b)];
  return steps.length === 0 ? { kind: 'settled' } : { kind: 'apply', steps };
}

/** One line for people. */
export function pgSentence(step: PgStep, name: (id: string) => string): string {
  switch (step.kind) {
    case 'set':
      return `${name(step.master)}: ${step.wanted.name} = ${step.wanted.value} (was ${step.was || 'empty'}): ${step.wanted.reason}`;
    case 'restart':
      return `${name(step.master)}: RESTART PostgreSQL (${step.why.join('; ')})`;
    case 'own':
      return `${name(step.master)}: make Tandem's own database, which holds a heartbeat and notes`;
    case 'carry':
      return step.only === undefined
        ? `${step.database}: carry both ways; if one master's is empty it is filled, if both differ nothing is done`
        : `${step.database}: is on ${name(step.only)} only: make it on the other, fill it, and carry it both ways`;
  }
}
