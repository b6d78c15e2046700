const units: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };

/** Seconds of '3600', '1h30m', '2W'; undefined when it is no TTL. */
export function ttlSeconds(text: string): number | undefined {
  const first = text.charCodeAt(0);
  // No digit: no TTL. Every class and type is asked about.
  if (!(first >= 48 && first <= 57)) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  if (!/^(?:\d{1,10}[wdhms])+$/i.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(.)/g)].reduce((sum, [, n, unit]) => {
    return sum + Number(n) * (units[(unit ?? '').toLowerCase()] ?? 0);
  }, 0);
}
