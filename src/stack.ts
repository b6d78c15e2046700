/** Stack traces that name sources: what is built is a few large files, with a map beside each that lists ours. */
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const maps = new Map<string, SourceMap | undefined>();

/** Read when the first error needs it. */
function mapOf(url: string): SourceMap | undefined {
  if (!maps.has(url)) maps.set(url, readMap(url));
  return maps.get(url);
}

function readMap(url: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')));
  } catch {
    // A module that was not built, or whose map was left out: its places stay as they are.
    return undefined;
  }
}

function placeOf(url: string, line: number, column: number): string | undefined {
  const origin = mapOf(url)?.findOrigin(line, column);
  // A library's line: its map names no file.
  if (origin === undefined || !('fileName' in origin) || !origin.fileName.endsWith('.ts')) return undefined;
  return `${new URL(origin.fileName, url).href}:${origin.lineNumber}:${origin.columnNumber}`;
}

/** A stack trace with its places in the sources, where they are known. */
export function inSources(stack: string): string {
  return stack.replace(
    /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g,
    (built: string, url: string, line: string, column: string) => placeOf(url, Number(line), Number(column)) ?? built,
  );
}
