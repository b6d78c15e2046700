import type { ZoneKey } from '../../whm/zone-keys.ts';
import type { Probe } from '../apply/plan-zone.ts';

/** A name server that the world asks, reached over the network like any resolver would. */
export interface NameServer {
  /** Its name for people. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** False where the provider counts serials in its own way: only addresses are compared then. */
  readonly keepsSerial: boolean;
}

/** A zone as its file says it now. */
export interface FreshZone {
  /** Without the closing dot. */
  readonly zone: string;
  readonly file: string;
  readonly serial: number;
  readonly probe: Probe | undefined;
}

/** A zone that a server refused, in its words. */
export interface PushFailure {
  readonly zone: string;
  readonly reason: string;
}

export interface PushOptions {
  readonly signal: AbortSignal;
  /** How many zones there are in all: a server may rather load all of them. */
  readonly all: number;
  /** 'addresses': what a switch touches. 'everything': the whole zone, after a customer's edit. */
  readonly scope: 'addresses' | 'everything';
}

/** One way to the name servers. Pushing again what is there already does no harm. */
export interface Publisher {
  readonly name: string;
  readonly servers: readonly NameServer[];
  /** Makes the servers take these zones. Throws when nothing could be pushed at all. */
  push(zones: readonly FreshZone[], options: PushOptions): Promise<readonly PushFailure[]>;
  /** Zones that came or went; before `push`. */
  list?(zones: readonly string[], signal: AbortSignal): Promise<void>;
  /** Gives the server a key to sign a zone with, unless it has it. `secret`: the private key as PowerDNS and BIND write it. */
  importKey?(key: ZoneKey, secret: string, signal: AbortSignal): Promise<void>;
  /** False for a zone whose answers are the provider's own (a proxy before it), known after a push. */
  canAsk?(zone: string): boolean;
  close?(): Promise<void>;
}
