import type { Action } from '../actions/define.ts';
import type { Archives } from '../archives/index.ts';
import type { Auth } from '../auth/auth.ts';
import type { Drift } from '../drift/index.ts';
import type { Operations, Reads } from '../operations/model.ts';
import type { Functions } from '../whm/functions/index.ts';

/** One thing that `tandem doctor` looked at. */
export interface DoctorCheck {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly sentence: string;
  /** What to do about it. */
  readonly hint?: string;
}

/** One comparison of `tandem verify`. */
export interface VerifyCheck {
  readonly check: string;
  readonly state: 'same' | 'different' | 'skipped';
  readonly sentence: string;
}

export interface VerifyOptions {
  /** Reads only: nothing is made on the master, not even a throw-away account. */
  readonly readOnly: boolean;
  /** Folder for redacted recordings that replay as simulator tests. */
  readonly record?: string;
  /** Told each check as it ends. */
  readonly progress: (check: VerifyCheck) => void;
}

/** What the commands work with: opened from a configuration, closed by the command line when the command ends. */
export interface Parts {
  readonly operations: Operations;
  readonly reads: Reads;
  readonly auth: Pick<
    Auth,
    | 'personAdd'
    | 'personRemove'
    | 'personChange'
    | 'personSuspend'
    | 'personPassword'
    | 'passwordLink'
    | 'people'
    | 'secondFactor'
    | 'sessionList'
    | 'sessionEnd'
    | 'tokenCreate'
    | 'tokens'
    | 'tokenRevoke'
    | 'tokenUpdate'
    | 'audit'
    | 'auditVerify'
    | 'auditPages'
    | 'auditHead'
    | 'auditHeadProblem'
  >;
  readonly drift: Drift;
  readonly archives: Pick<Archives, 'list' | 'get'>;
  doctor(): Promise<readonly DoctorCheck[]>;
  verify(master: string, options: VerifyOptions): Promise<readonly VerifyCheck[]>;
  close(): Promise<void>;
}

/** A long-running role (web, worker, sim, demo); gets the arguments after its name and answers with the exit code. */
export type Role = (argv: readonly string[]) => Promise<number>;

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

/** Everything that the command line touches outside itself. */
export interface Shell {
  readonly stdin: AsyncIterable<Uint8Array | string>;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `configFile` undefined: the default place. Throws Invalid for a wrong configuration, Unreachable for an absent journal. */
  readonly open: (configFile: string | undefined) => Promise<Parts>;
  readonly roles: Readonly<Record<string, Role>>;
  /** Commands that open what they need themselves: they must work where there is no journal. */
  readonly tools: Readonly<Record<string, Role>>;
  /** Loaded when a command line asks for it. */
  readonly catalogue: () => Promise<Catalogue>;
  readonly readFile: (path: string) => Promise<string>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly version: string;
}

/** What commands, flags and help come from. */
export interface Catalogue {
  readonly actions: readonly Action[];
  readonly functions: Pick<Functions, 'all'>;
  readonly crashPoints: readonly string[];
}

export interface Cli extends Shell, Catalogue {}
