import { pathOf } from './maildir.ts';
import type { FileState } from './model.ts';
import { digestOf } from './observe.ts';
import { contentOf } from './read.ts';
import { type Site, split } from './site.ts';

/** The content that belongs to a state, kept from a moment ago or read now; undefined when the file is another by now. */
export function contentFor(site: Site, key: string, state: FileState): Buffer | undefined {
  const kept = site.contents.take(key);
  if (kept?.digest === state.digest && kept.content.length === state.size) return kept.content;
  const at = split(site, key);
  if (at === undefined) return undefined;
  const content = contentOf(at.branch, pathOf(key, state.place).slice(at.branch.tree.name.length + 1));
  if (content === undefined || content.length !== state.size) return undefined;
  return digestOf(content) === state.digest ? content : undefined;
}
