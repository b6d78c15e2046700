import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { NotFound, Refused } from '../errors.ts';
import { keyOf, pathOf } from './maildir.ts';
import type { Version } from './model.ts';
import { observe } from './observe.ts';
import { remember, type Site } from './site.ts';
import { bytes, look } from './tree.ts';
import { bumped, joined } from './version.ts';
import { keptPlace } from './view.ts';

/**
 * Puts a kept version back where it was; what is there now goes to the trash by the ordinary way, on both sides. `kept`
 * is trash/STAMP/TREE/PATH in bytes. Answers the key.
 */
export async function restoreKept(site: Site, kept: string): Promise<string> {
  const { branch, key, source } = keptPlace(site, kept);
  const looked = look(source, site.now());
  if (looked?.kind !== 'file') throw new NotFound('it is not kept here any more, or is no file');
  const placed = keyOf(key, site.mailFolders);
  const known = observe(site, placed.key);
  if (known === 'busy') throw new Refused('the file that is there now is being read; try again');
  const place = known.state.kind === 'file' ? known.state.place : undefined;
  const relative = (known.state.kind === 'absent' ? key : pathOf(placed.key, place)).slice(branch.tree.name.length + 1);
  // A copy made beside it in the spool, so that the kept one stays.
  const copy = branch.spool.temporary();
  writeFileSync(copy, readFileSync(bytes(source)), { flag: 'wx', mode: 0o600 });
  chownSync(copy, looked.print.uid, looked.print.gid);
  chmodSync(copy, looked.print.mode);
  const target = branch.tree.at(relative);
  if (branch.tree.look(relative, site.now()) === undefined) site.native.renameNew(copy, target);
  else {
    site.native.exchange(copy, target);
    site.native.renameNew(copy, branch.spool.keep('trash', placed.key, site.now()));
  }
  branch.tree.forget();
  observe(site, placed.key, [`${branch.tree.name}/${relative}`]);
  await site.store.commit();
  return placed.key;
}

/**
 * Makes what this side has of a held account newer than all that the other side did to it, so that the other side gets
 * it back. What the other side made that this one has not got stays where it is. Answers how many paths.
 */
export function putBack(site: Site, unit: string): number {
  const wanted = site.heldOffers.get(unit) ?? new Map<string, Version>();
  for (const [key, theirs] of wanted) {
    const known = site.store.get(key);
    if (known === undefined || known.state.kind === 'absent') continue;
    const { state, print } = known;
    const version = bumped(joined(known.version, theirs), site.side, site.count());
    remember(site, key, { version, state, ...(print === undefined ? {} : { print }), agreed: state, pending: true });
  }
  site.heldOffers.delete(unit);
  return wanted.size;
}
