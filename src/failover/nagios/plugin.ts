/**
 * What a Nagios plug-in says, read and written.
 * Source: Monitoring Plugins, "Development Guidelines": exit codes, one line, perfdata, ranges.
 */
import type { Result } from '../checks/model.ts';

/** By exit code; anything else is UNKNOWN. */
const results: readonly Result[] = ['ok', 'warning', 'critical', 'unknown'];
const words: Readonly<Record<Result, string>> = {
  ok: 'OK',
  warning: 'WARNING',
  critical: 'CRITICAL',
  unknown: 'UNKNOWN',
};

/** One figure: `'label'=value[UOM];[warn];[crit];[min];[max]`. */
export interface Figure {
  readonly label: string;
  readonly value: number;
  /** 's', 'ms', '%', 'B', 'c' …; '' for none. */
  readonly unit: string;
  /** A range in the plug-ins' notation. */
  readonly warn?: string;
  readonly crit?: string;
}

export interface PluginSaid {
  readonly result: Result;
  /** The first line, without its figures. */
  readonly text: string;
  readonly figures: readonly Figure[];
}

/** Reads exit code and output. A code that no plug-in has is UNKNOWN, and so is silence. */
export function readPlugin(code: number | null, output: string): PluginSaid {
  const [first = '', ...more] = output.split('\n');
  const [text = '', figures = ''] = cut(first);
  const rest = more.map((line) => cut(line)[1] ?? '').join(' ');
  const said = text.trim();
  if (said === '') return { result: code === 0 ? 'unknown' : resultOf(code), text: 'said nothing', figures: [] };
  return { result: resultOf(code), text: said, figures: readFigures(`${figures} ${rest}`) };
}

function resultOf(code: number | null): Result {
  return (code === null ? undefined : results[code]) ?? 'unknown';
}

function cut(line: string): readonly string[] {
  const at = line.indexOf('|');
  return at < 0 ? [line] : [line.slice(0, at), line.slice(at + 1)];
}

const figure =
  /('(?:[^']|'')+'|[^\s='|]+)=(-?\d+(?:\.\d+)?)([a-zA-Z%]*)(?:;([^;\s]*))?(?:;([^;\s]*))?(?:;[^;\s]*)?(?:;[^;\s]*)?/g;

/** What cannot be read is left out: a wrong figure makes no result wrong. */
function readFigures(text: string): readonly Figure[] {
  return [...text.matchAll(figure)].map(([, label = '', value = '', unit = '', warn = '', crit = '']) => ({
    label: label.startsWith("'") ? label.slice(1, -1).replaceAll("''", "'") : label,
    value: Number(value),
    unit,
    ...(warn === '' ? {} : { warn }),
    ...(crit === '' ? {} : { crit }),
  }));
}

interface Range {
  readonly from: number;
  readonly to: number;
  readonly inside: boolean;
}

/** `10`, `10:`, `~:10`, `10:20`, `@10:20`. Throws RangeError for what is none. */
export function readRange(text: string): Range {
  const found = /^(@?)(?:(~|-?\d+(?:\.\d+)?)?(:))?(-?\d+(?:\.\d+)?)?$/.exec(text);
  const [, at = '', low, colon, high] = found ?? [];
  if (found === null || (high === undefined && (colon === undefined || low === undefined))) {
    throw new RangeError(`“${text}” is no range. Examples: 10, 10:, ~:10, 10:20, @10:20`);
  }
  const from = low === '~' ? Number.NEGATIVE_INFINITY : Number(low ?? 0);
  const to = high === undefined ? Number.POSITIVE_INFINITY : Number(high);
  if (from > to) throw new RangeError(`“${text}” is no range: its start is above its end`);
  return { from, to, inside: at === '@' };
}

/** Whether a value raises an alert: outside the range, or with `@` inside it. */
export function alerts(range: string, value: number): boolean {
  const { from, to, inside } = readRange(range);
  const within = from <= value && value <= to;
  return inside ? within : !within;
}

/** A plug-in's answer as Nagios reads it: exit code and one line. */
export function writePlugin({ result, text, figures }: PluginSaid): { readonly code: number; readonly line: string } {
  const line = text.replace(/[\n\r|]+/g, ' ');
  const shown = figures.map(writeFigure).join(' ');
  return { code: results.indexOf(result), line: `${words[result]} - ${line}${shown === '' ? '' : ` | ${shown}`}` };
}

function writeFigure({ label, value, unit, warn, crit }: Figure): string {
  const limits = crit === undefined ? (warn === undefined ? '' : `;${warn}`) : `;${warn ?? ''};${crit}`;
  return `'${label.replaceAll("'", "''")}'=${value}${unit}${limits}`;
}

/** The worst of several results; UNKNOWN counts more than WARNING, less than CRITICAL. */
export function worst(list: readonly Result[]): Result {
  const order: readonly Result[] = ['ok', 'warning', 'unknown', 'critical'];
  return list.reduce<Result>((most, one) => (order.indexOf(one) > order.indexOf(most) ? one : most), 'ok');
}
