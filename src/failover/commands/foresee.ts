import type { Prediction, Publish, PublishOrder } from '../publish/model.ts';

/** What `prepare` says of the zones. */

/** What happens to zones that their name servers sign; the one that needs a hand is named first. */
function signedLine(reports: Prediction['reports']): readonly string[] {
  const signed = reports.filter(({ report }) => report.kind === 'signed');
  const [first] = signed;
  return first === undefined ? [] : [`${signed.length} zones are signed. ${first.zone}: ${first.report.message}`];
}

/** So many zones are named one by one. */
const mostNamed = 20;

function firstOf(lines: readonly string[]): readonly string[] {
  const more = lines.length - mostNamed;
  return more > 0 ? [...lines.slice(0, mostNamed), `  and ${more} more`] : lines;
}

/** Zones that keep pointing where they do, each with its reason. */
function leftLines(left: Prediction['left'], obstacles: ReturnType<Publish['obstacles']>): readonly string[] {
  const known = new Set(left.map(({ zone }) => zone));
  const all = [...left, ...obstacles.filter(({ zone }) => !known.has(zone))];
  if (all.length === 0) return [];
  const lines = all.map(({ zone, reason }) => `  ${zone}: ${reason}`);
  return [`${all.length === 1 ? '1 zone' : `${all.length} zones`} would be left alone:`, ...firstOf(lines)];
}

/** What is suspicious in zones, beside their keys. */
function suspiciousLines(reports: Prediction['reports']): readonly string[] {
  const others = reports.filter(({ report }) => report.kind !== 'signed');
  if (others.length === 0) return [];
  const lines = others.map(({ zone, report }) => `  ${zone}, line ${report.line}: ${report.message}`);
  return [`${others.length === 1 ? '1 thing' : `${others.length} things`} to know:`, ...firstOf(lines)];
}

/** What an order would do to the zones, in lines for people. Nothing is changed. */
export async function foreseen(publish: Publish, order: PublishOrder): Promise<readonly string[]> {
  const { counts, left, vetoes, seconds, reports } = await publish.predict(order);
  return [
    `${counts.changed} of ${counts.zones} zones would change (${counts.values} values), found in ${seconds.toFixed(1)} s.`,
    ...leftLines(left, publish.obstacles()),
    ...signedLine(reports),
    ...suspiciousLines(reports),
    ...vetoes.map(({ sentence }) => sentence),
  ];
}
