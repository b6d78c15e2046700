import { Changed } from './install.ts';
import type { Fingerprint } from './model.ts';
import { sameFile, settled } from './observe.ts';
import type { Branch, Site } from './site.ts';

/**
 * Gives a message that is as the other side has it its new place: a rename and nothing else, so that a write in that
 * instant shows in its times. Answers its new fingerprint; undefined for a file of root with further names, which may lie
 * anywhere.
 */
export function renameOnly(
  site: Site,
  { tree }: Branch,
  paths: { readonly from: string; readonly to: string },
  print: Fingerprint,
): Fingerprint | undefined {
  const before = tree.look(paths.from, site.now());
  if (before === undefined || !sameFile(before.print, print)) throw new Changed(paths.from);
  if (before.print.uid === 0 && before.links > 1) return undefined;
  site.native.renameNew(tree.at(paths.from), tree.at(paths.to));
  const after = tree.look(paths.to, site.now());
  // Not ours any more: another look at it decides.
  if (after === undefined || !sameFile(after.print, print)) throw new Changed(paths.to);
  return settled(after.print, site.now());
}
