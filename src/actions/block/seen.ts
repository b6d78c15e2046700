import type { WhmCall } from '../../whm/call.ts';
import type { Answer } from '../../whm/outcome.ts';
import * as f from '../fields.ts';
import { lookAtContent, readContent } from '../file/seen.ts';

export const blockFields = {
  account: f.account().meta({ label: 'Account' }),
  address: f.network().meta({ label: 'Address or network', placeholder: '192.0.2.7' }),
} as const;

/** No function tells which addresses are blocked: they stand in the site's .htaccess. */
export function lookAtBlocked(account: string): WhmCall {
  return lookAtContent(account, 'public_html', '.htaccess');
}

/** The addresses after 'deny from', which BlockIP writes, and after 'Require not ip', which newer ones may. */
export function blockedIn(htaccess: string): readonly string[] {
  const found = htaccess.split('\n').flatMap((line) => {
    const list = /^\s*(?:deny from|require not ip)\s+(.+?)\s*$/i.exec(line)?.[1];
    return list === undefined ? [] : list.toLowerCase().split(/\s+/);
  });
  return [...new Set(found)];
}

export function readBlocked(answers: readonly Answer[]): readonly string[] {
  return blockedIn(readContent(answers, 0) ?? '');
}
