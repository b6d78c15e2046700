import { addressOf, type Family } from './address.ts';
import type { Token } from './lexer.ts';
import type { AddressSlot } from './model.ts';

/** The addresses inside a record's data (RFC 1035 A, RFC 3596 AAAA, RFC 9460 hints), as bytes that can be replaced. */

const families: Readonly<Record<string, Family>> = { A: 4, AAAA: 6 };
const hints: Readonly<Record<string, Family>> = { ipv4hint: 4, ipv6hint: 6 };

function slot(start: number, text: string, family: Family): AddressSlot | undefined {
  const address = addressOf(text);
  if (address?.family !== family) return undefined;
  return { start, end: start + text.length, text, key: address.key };
}

/** 'ipv4hint=192.0.2.1,192.0.2.2', also 'ipv4hint="…"', whose value is the next token without a blank between. */
function hintValue(token: Token, next: Token | undefined): { at: number; name: string; value: string } | undefined {
  const equals = token.text.indexOf('=');
  if (token.quoted || equals < 0) return undefined;
  const name = token.text.slice(0, equals).toLowerCase();
  if (equals < token.text.length - 1) {
    return { at: token.start + equals + 1, name, value: token.text.slice(equals + 1) };
  }
  return next?.quoted === true && next.start === token.end ? { at: next.start + 1, name, value: next.text } : undefined;
}

function hintSlots(rdata: readonly Token[]): readonly AddressSlot[] {
  return rdata.flatMap((token, index) => {
    const hint = hintValue(token, rdata[index + 1]);
    const family = hint === undefined ? undefined : hints[hint.name];
    if (hint === undefined || family === undefined) return [];
    let at = hint.at;
    return hint.value.split(',').flatMap((text) => {
      const found = slot(at, text, family);
      at += text.length + 1;
      return found === undefined ? [] : [found];
    });
  });
}

/** Every address of a record, in the order of the file. Raw data ('\# 4 c0000201') has none. */
export function addressSlots(type: string, rdata: readonly Token[]): readonly AddressSlot[] {
  if (type === 'HTTPS' || type === 'SVCB') return hintSlots(rdata);
  const family = families[type];
  const token = rdata[0];
  if (family === undefined || token === undefined || token.quoted || rdata.length !== 1) return [];
  const found = slot(token.start, token.text, family);
  return found === undefined ? [] : [found];
}
