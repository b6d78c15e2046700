import { exclusive, type Key, type Subject } from '../define.ts';

interface Zoned {
  readonly account?: string | undefined;
  readonly zone: string;
}

/** A zone without an account is the server's: only who may touch the server may touch it. */
export function zoneSubject(p: Zoned): Subject {
  return p.account === undefined ? { kind: 'server' } : { kind: 'account', account: p.account, domain: p.zone };
}

export function zoneKeys(p: Zoned): readonly Key[] {
  const account = p.account === undefined ? [] : [exclusive(`account:${p.account}`)];
  return [...account, exclusive(`domain:${p.zone}`)];
}
