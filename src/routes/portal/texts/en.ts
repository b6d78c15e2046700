import type { Say } from '../../shared/texts.ts';
import { driftTexts } from './en-drift.ts';
import { frameTexts } from './en-frame.ts';
import { pageTexts } from './en-pages.ts';
import { staffTexts } from './en-staff.ts';

/** Every sentence of the portal by its key, English. Another language is another record with the same keys. */
export const english = { ...frameTexts, ...staffTexts, ...pageTexts, ...driftTexts } as const;

export type PortalKey = keyof typeof english | `treatment.${string}`;

export type PortalSay = Say<PortalKey>;
