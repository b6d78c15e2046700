import { domainToASCII, domainToUnicode } from 'node:url';

/** The name as people read it, where that is another one: 'xn--bcher-kva.example' → 'bücher.example'; else ''. */
export function readableDomain(domain: string): string {
  if (!/(^|\.)xn--/i.test(domain)) return '';
  const unicode = domainToUnicode(domain);
  return unicode === domain ? '' : unicode;
}

/** What people type, as names are stored: 'Bücher.example' → 'xn--bcher-kva.example'. What is no domain stays as it is. */
export function storedDomain(typed: string): string {
  if (/^[\x21-\x7e]*$/.test(typed)) return typed;
  const ascii = domainToASCII(typed);
  return ascii === '' ? typed : ascii;
}
