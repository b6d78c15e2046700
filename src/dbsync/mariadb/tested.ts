/** Which servers may be paired. Everything else is refused before any change. Pure. */
import type { ServerSeen } from './model.ts';

/** Series that the tests run on, each with itself only. */
export const testedSeries: readonly string[] = ['10.11'];

/** What the panel says about names: UAPI's and WHM's prefix settings. undefined: it could not be asked. */
export interface PanelRules {
  readonly prefixLength: number;
  readonly usesPrefix: boolean;
}

function series(version: string): string {
  return version.split('.').slice(0, 2).join('.');
}

/** Must be equal, or the same statement means different things. */
const mustMatch: Readonly<Record<string, string>> = {
  lower_case_table_names: 'the same table name would be two tables on one master and one on the other',
  innodb_page_size: 'row lengths that fit on one master would be refused by the other',
};

const shouldMatch = [
  'sql_mode',
  'character_set_server',
  'collation_server',
  'time_zone',
  'explicit_defaults_for_timestamp',
];

function engineReasons(one: ServerSeen): string[] {
  const what = `${one.name} runs ${one.engine} ${one.version}`;
  if (one.engine !== 'MariaDB')
    return [`${what}: only MariaDB is supported, since MySQL's GTIDs and filters work differently.`];
  return testedSeries.includes(series(one.version))
    ? []
    : [`${what}: tested are ${testedSeries.map((s) => `MariaDB ${s} with MariaDB ${s}`).join(', ')}.`];
}

/** Reasons against pairing these two at all. */
export function refusals(a: ServerSeen, b: ServerSeen, panel: readonly (PanelRules | undefined)[]): readonly string[] {
  const engines = [...engineReasons(a), ...engineReasons(b)];
  const versions =
    engines.length === 0 && series(a.version) !== series(b.version)
      ? [`${a.name} runs ${a.version} and ${b.name} ${b.version}; both must run the same series.`]
      : [];
  const differing = Object.entries(mustMatch)
    .filter(([name]) => a.variables[name] !== b.variables[name])
    .map(
      ([name, why]) => `${name} is ${a.variables[name]} on ${a.name} and ${b.variables[name]} on ${b.name}: ${why}.`,
    );
  const others = [a, b].flatMap((one) =>
    one.otherReplicas.map(
      (name) => `${one.name} already receives from a connection called “${name}”, which Tandem did not make.`,
    ),
  );
  const [left, right] = panel;
  const prefix =
    left !== undefined &&
    right !== undefined &&
    (left.prefixLength !== right.prefixLength || left.usesPrefix !== right.usesPrefix)
      ? [`cPanel's database prefix differs: ${words(left)} on ${a.name}, ${words(right)} on ${b.name}.`]
      : [];
  return [...engines, ...versions, ...(engines.length === 0 ? [...differing, ...others] : []), ...prefix];
}

function words(rules: PanelRules): string {
  return rules.usesPrefix ? `${rules.prefixLength} characters` : 'none';
}

/** Differences that a person should know of, but that stop nothing. */
export function remarks(a: ServerSeen, b: ServerSeen): readonly string[] {
  return shouldMatch
    .filter((name) => a.variables[name] !== b.variables[name])
    .map((name) => `${name} differs: “${a.variables[name]}” on ${a.name}, “${b.variables[name]}” on ${b.name}.`);
}
