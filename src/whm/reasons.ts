import type { Outcome } from './outcome.ts';

/**
 * What WHM's sentences give away about the master itself. They are localised and hold curly quotes and '(XID …)' marks,
 * so they are matched loosely and only where nothing better exists: an unknown sentence stays a refusal.
 */
const busySigns: readonly RegExp[] = [
  // Locks: 'Could not obtain lock on …', 'database is locked', 'unable to lock file'.
  /\b(?:could not|cannot|can['’]t|unable to|failed to|timed? ?out)\b[^.]{0,60}\block(?:file|s)?\b/i,
  /\bdatabase is locked\b|\block file\b.{0,40}\b(?:exists|held|busy)|\blocked by another process\b/i,
  /\banother\b.{0,60}\b(?:process|instance|operation|request|update)\b.{0,40}\b(?:running|in progress|modifying|using)\b/i,
  // Disk and memory of the server. An account over its own quota is not meant here.
  /\bno space left on device\b|\bdisk (?:is )?full\b|\bENOSPC\b|\bout of disk space\b|\bcannot allocate memory\b/i,
  /\bread-only file ?system\b|\bEROFS\b/i,
  // Licence: expired, invalid, or no seats left.
  /\blicen[cs]e\b.{0,60}\b(?:expired|invalid|not valid|could not|cannot|limit|maximum|exceed|allow)/i,
  /\b(?:expired|invalid|exceed\w*|maximum|limit)\b.{0,60}\blicen[cs]e\b/i,
  // Services behind it.
  /\btoo many connections\b|\btemporarily unavailable\b|\btry again (?:later|in a (?:few|moment))/i,
  /\bcan['’]t connect to (?:local )?(?:mysql|mariadb)\b|\b(?:mysql|mariadb) server has gone away\b/i,
  /\bDNS query\b.{0,80}\btime(?:d )?out\b/i,
];

const deniedSigns = /^\s*access denied\b|\byou do not have the required privileges to run\b/i;

/** 'busy' when the master cannot now, 'denied' when it does not let us, else 'refused': it is about the request. */
export function kindOfReason(reason: string): 'busy' | 'denied' | 'refused' {
  if (deniedSigns.test(reason)) return 'denied';
  return busySigns.some((sign) => sign.test(reason)) ? 'busy' : 'refused';
}

/** An answer that is a page: 'denied' when it asks us to sign in, 'in-doubt' for everything else. */
export function kindOfPage(page: string): 'denied' | 'in-doubt' {
  return /tfa_login_form|msg_code:\[(?:invalid_login|expired_session|token_missing)\]/.test(page)
    ? 'denied'
    : 'in-doubt';
}

/** A clear no, sorted by what the sentence says. */
export function refusal(reason: unknown, body: unknown): Outcome {
  const text = typeof reason === 'string' && reason.trim() !== '' ? reason.trim() : 'no reason was given';
  const kind = kindOfReason(text);
  return kind === 'refused' ? { kind, reason: text, body } : { kind, reason: text };
}

/** Nothing is proved: the effect may be there, or come later. */
export function doubt(reason: string): Outcome {
  return { kind: 'in-doubt', reason };
}
