/** How long what a person asks for can be undone: as they chose, else as configured. */
import type { Actor } from '../../auth/actor.ts';
import type { PortalParts } from './deps.ts';

/** The part of a request that says so. What cannot be put back is never held; the catalogue knows which that is. */
export async function graceOf(
  { auth, undoSeconds = 0 }: Pick<PortalParts, 'auth' | 'undoSeconds'>,
  actor: Actor,
): Promise<{ readonly graceMs: number }> {
  const own = actor.kind === 'person' ? await auth.personUndo(actor.name) : undefined;
  return { graceMs: (own ?? undoSeconds) * 1000 };
}
