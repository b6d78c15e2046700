import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { apply, define } from '../define.ts';
import * as f from '../fields.ts';
import { onHome } from '../file/seen.ts';

/** SSL::start_autossl_check, where the names point: elsewhere no certificate could be had. Asking twice is harmless. */
export const checkAutossl = define({
  ...onHome,
  id: 'certificate.check',
  title: 'Look for free certificates',
  params: z.strictObject({ account: f.account().meta({ label: 'Account' }) }),
  again: 'safe',
  observe: () => [],
  read: () => undefined,
  plan: (p) => apply(uapi(p.account, 'SSL::start_autossl_check')),
});
