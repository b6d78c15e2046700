import type { Context } from '../handler.ts';
import { tweakSetting } from '../tweak-settings.ts';

/** What new zones get until set_default_dmarc_record says otherwise. */
export const plainDmarc = 'v=DMARC1; p=none;';

/** The DMARC record of new zones. */
export function defaultDmarc({ state }: Pick<Context, 'state'>): string {
  return tweakSetting(state, 'Mail', 'dmarc') ?? plainDmarc;
}
