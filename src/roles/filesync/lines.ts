import { diffLines } from 'diff';
import type { DifferenceLine } from '../../routes/portal/sheet.ts';
import type { PortalSay } from '../../routes/portal/texts/en.ts';

const mostLines = 400;
const mostWide = 400;
/** Texts that differ in more than this are not worth the time; milliseconds. */
const patienceMs = 500;

function keptOnly(text: string, say: PortalSay): DifferenceLine {
  return { state: 'removed', symbol: '−', word: say('files.kept-only'), before: text, after: '' };
}

function placeOnly(text: string, say: PortalSay): DifferenceLine {
  return { state: 'added', symbol: '+', word: say('files.place-only'), before: '', after: text };
}

/** What stands in only one of two texts, line by line; undefined when they differ too much to be compared. */
export function linesBetween(
  kept: string,
  inPlace: string,
  say: PortalSay,
): { readonly lines: readonly DifferenceLine[]; readonly folded: string } | undefined {
  const parts = diffLines(kept, inPlace, { timeout: patienceMs });
  if (parts === undefined) return undefined;
  const lines = parts
    .filter(({ added, removed }) => added || removed)
    .flatMap(({ value, removed }) =>
      value
        .replace(/\n$/, '')
        .split('\n')
        .map((line): DifferenceLine => {
          const text = line.slice(0, mostWide);
          return removed ? keptOnly(text, say) : placeOnly(text, say);
        }),
    );
  const isLong = lines.length > mostLines;
  const folded = isLong ? say('files.first-lines', { shown: mostLines, count: lines.length }) : say('files.left-out');
  return { lines: lines.slice(0, mostLines), folded };
}
