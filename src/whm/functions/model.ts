/**
 * How Tandem treats a function: 'read' from the active master, 'merge' (a read true only over all masters), 'fan-out'
 * to all through an operation, 'active' (the account's active master; data follows by replication), 'named' (one
 * master, named by the caller), 'session', 'tandem' (answered by Tandem itself), 'container' (judged by what it holds),
 * 'refused'.
 */
export type Treatment =
  | 'read'
  | 'merge'
  | 'fan-out'
  | 'active'
  | 'named'
  | 'session'
  | 'tandem'
  | 'container'
  | 'refused';

/**
 * Whether a call in doubt may be made again: 'safe' any time, 'read back' only after a look shows that it did not
 * happen, 'never': a person decides.
 */
export type Again = 'safe' | 'read back' | 'never';

/** One function of WHM API 1 or UAPI. Plain data, without prose. */
export interface FunctionEntry {
  readonly api: 'whm' | 'uapi';
  /** 'createacct', 'Email::add_pop'. */
  readonly name: string;
  readonly category: string;
  readonly treatment: Treatment;
  /** Why it is treated so, one short sentence, when a rule of ours and not the catalogue decided. */
  readonly why?: string;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /**
   * Key templates: 'account:{user}', 'package:{pkg}', 'domain:{domain}', 'server'; a leading '~' is shared.
   * UAPI functions take 'account:{cpanel.user}'. Empty: unknown, so the operation takes `server` exclusive.
   */
  readonly keys: readonly string[];
  /** The parameter that names the cPanel account, if one does. */
  readonly account?: string;
  /** Parameters that hold an address of the master and must be translated. */
  readonly addresses: readonly string[];
  /** Parameters (or answer fields) that are secret. */
  readonly secrets: readonly string[];
  readonly again: Again;
  /** The longest known run, seconds; the deadline of the call and the time that a doubt lasts. */
  readonly longestSeconds: number;
  readonly since: string;
}
