import type { Say } from '../../shared/texts.ts';
import { databasesTexts } from './en-databases.ts';
import { driftTexts } from './en-drift.ts';
import { filesTexts } from './en-files.ts';
import { frameTexts } from './en-frame.ts';
import { pageTexts } from './en-pages.ts';
import { placementTexts } from './en-placement.ts';
import { presentTexts } from './en-present.ts';
import { staffTexts } from './en-staff.ts';
import { switchoverTexts } from './en-switchover.ts';
import { viewTexts } from './en-views.ts';

/** Every sentence of the portal by its key, English. Another language is another record with the same keys. */
export const english = {
  ...frameTexts,
  ...staffTexts,
  ...pageTexts,
  ...driftTexts,
  ...filesTexts,
  ...databasesTexts,
  ...switchoverTexts,
  ...placementTexts,
  ...viewTexts,
  ...presentTexts,
} as const;

export type PortalKey = keyof typeof english | `treatment.${string}`;

export type PortalSay = Say<PortalKey>;
