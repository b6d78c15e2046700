import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import type { Sheet } from '../portal/sheet.ts';
import type { CustomerPage } from './page.ts';
import type { Visit } from './visit.ts';

/** Features::list_features: name → 1 or 0, as numbers or as texts. */
const features = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** Whether the account's feature list lacks it; while nobody has told, it is taken to be there: the server refuses too. */
export async function lacks(visit: Visit, feature: string | undefined): Promise<boolean> {
  if (feature === undefined) return false;
  const known = await visit.ask(uapi(visit.account, 'Features::list_features'), features);
  const value = known.value?.[feature];
  // A name that this version of cPanel does not know says nothing.
  return value === 0 || value === '0' || value === false;
}

/** The page in place of one whose feature the account lacks: what it is, and why it is not there. */
export function lackingSheet(visit: Visit, page: Pick<CustomerPage, 'title' | 'feature'>): Sheet {
  const text = visit.say('feature.off', { feature: visit.say(page.title) });
  return { heading: visit.say(page.title), blocks: [{ kind: 'text', text, tone: 'note' }] };
}
