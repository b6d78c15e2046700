import type { Placed } from '../../../operations/placement.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';

/** Where something belongs and what a failure does to it, on one line: 'M2, not protected'. */
export function placementText(parts: PortalParts, { preferred, isProtected }: Placed): string {
  const { say } = parts;
  const protection = say(isProtected ? 'placement.is-protected' : 'placement.is-unprotected');
  return say('placement.row', { master: namesOf(parts)(preferred), protection });
}
