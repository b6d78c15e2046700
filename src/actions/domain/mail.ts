import type { WhmCall } from '../../whm/call.ts';
import { apply, type Place, type Plan, refused } from '../define.ts';
import { freshMailAuth, type MailAuth, mailAuthCalls } from '../mail-auth.ts';
import { applyAll } from '../plans.ts';

interface NewDomain {
  readonly domain: string;
  /** The zone that its records stand in, when it is not its own. */
  readonly zone?: string;
  readonly dkimKey: string | undefined;
  /** It is in the account, as the kind that was asked for. */
  readonly found: boolean;
  readonly same: boolean;
  readonly call: WhmCall;
  readonly exists: string;
  readonly auth: MailAuth;
}

/** A new domain is done only when its DKIM key is ours and its SPF record carries every sending address. */
export function planNewDomain(place: Place, d: NewDomain): Plan {
  if (!d.found) return apply(d.call, ...freshMailAuth(d.domain, d.dkimKey, place));
  if (!place.sent) return refused(d.exists);
  if (!d.same) return refused(`${d.exists} It differs from what was asked for.`);
  return applyAll(mailAuthCalls(d.domain, d.dkimKey, d.auth, place, d.zone));
}
