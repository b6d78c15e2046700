/** What a server noted of a call. */
export interface LoggedCall {
  readonly path: string;
  readonly body: string;
  readonly account: string;
  /** Milliseconds on the server's clock: when the request was read, and when its effect was made and answered. */
  readonly read: number;
  readonly answered: number;
  readonly ok: boolean;
  /** What the call changed, if it changed something: the item's kind and place. */
  readonly effect?: { readonly kind: string; readonly n: number };
}

/** Calls that belong together: what Tandem did for one leg, its looks and then its change. */
export interface CallGroup {
  readonly calls: readonly (readonly [path: string, body: string])[];
}

/** Cuts a server's log into legs: each account's calls up to and with one that changed something. */
export function groupsOf(log: readonly LoggedCall[]): readonly CallGroup[] {
  const open = new Map<string, [string, string][]>();
  const groups: CallGroup[] = [];
  for (const call of log) {
    const calls = open.get(call.account) ?? [];
    if (calls.length === 0) open.set(call.account, calls);
    calls.push([call.path, call.body]);
    if (call.effect === undefined) continue;
    groups.push({ calls });
    open.delete(call.account);
  }
  for (const calls of open.values()) if (calls.length > 0) groups.push({ calls });
  return groups;
}
