/** Names that Tandem gives, and databases that are not carried. Pure. */

/** Tandem's own database on both servers, and its schema in every database that is carried. */
export const ownName = 'tandemsync';

/** Every table of a database; what is Tandem's own is left out by the reader. */
export const publicationName = 'tandem';

const local = new Set(['postgres', 'template0', 'template1']);

/** True for a database that belongs to no cPanel account. */
export function isLocalDatabase(name: string): boolean {
  return local.has(name) || name === ownName || name.startsWith('tandem_');
}

/** FNV-1a, 64 bits, as hexadecimal digits: names may hold what a slot's may not. */
export function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash.toString(16).padStart(16, '0');
}

/** How every slot and origin of a receiver begins. */
export function slotBegin(to: string): string {
  return `tandem_${to.replaceAll(/[^a-z0-9_]/g, '_')}_`;
}

/** How the slots and origins of a database end. */
export function slotEnding(database: string): string {
  const plain = database.toLowerCase().replaceAll(/[^a-z0-9_]/g, '_');
  return `${plain.slice(0, 24)}_${shortHash(database)}`;
}

/** The slot on the sender, and the origin on the receiver: at most 63 letters, digits and underscores. */
export function slotName(to: string, database: string): string {
  return slotBegin(to) + slotEnding(database);
}

/** The origin of rows that a repair writes: they come from the other master, and are not carried back to it. */
export const repairOrigin = 'tandem_repair';

/** A database that is being filled, until it takes the place of the old one. */
export function fillingName(database: string): string {
  return `tandem_new_${shortHash(database)}`;
}

/** The database whose place was taken, until it is dropped. Its contents are in the backup. */
export function replacedName(database: string): string {
  return `tandem_old_${shortHash(database)}`;
}
