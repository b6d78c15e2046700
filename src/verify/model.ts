/** The words of `tandem verify`: one contract, played to a master and to a simulator of the same version. */
import type { Place } from '../actions/define.ts';
import type { Args, WhmCall } from '../whm/call.ts';
import type { Outcome } from '../whm/outcome.ts';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** How a request proves who sends it. 'ours': the credentials that Tandem is configured with. */
export type Sign =
  | { readonly kind: 'ours' }
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | { readonly kind: 'token'; readonly user: string; readonly token: string }
  | { readonly kind: 'cookie'; readonly cookie: string };

/** One request as it goes over the wire. POST, except for links that a browser follows. */
export interface Ask {
  readonly port: 'whm' | 'cpanel';
  readonly path: string;
  readonly form: Args;
  readonly sign: Sign;
  readonly method?: 'GET';
  /** Which envelope the answer is read in; left out: only its bytes count. */
  readonly reads?: WhmCall;
}

/** What came back. `status` 0: nothing whole did, `failure` says why. */
export interface Reply {
  readonly status: number;
  /** Without its parameters: 'application/json'. */
  readonly contentType: string;
  readonly text: string;
  readonly setCookies: readonly string[];
  readonly location: string;
  readonly ms: number;
  readonly failure?: { readonly sent: boolean; readonly reason: string };
}

/** A request and its answer, as far as they are compared and recorded. */
export interface Exchange {
  /** 'createacct', 'Email::add_pop', or the path of what is no call. */
  readonly fn: string;
  readonly request: { readonly port: string; readonly sign: string; readonly path: string; readonly form: Args };
  readonly status: number;
  readonly contentType: string;
  readonly outcome: Outcome['kind'] | 'unread';
  /** The parsed body; its first 300 characters where it is no JSON. */
  readonly body: Json;
}

/** What a step made of the answers, in values that must be the same on both sides. */
export type Facts = Readonly<Record<string, Json>>;

/** A value, a pattern of a text, or any of some values. */
export type Expected = Json | RegExp | OneOf;

export interface OneOf {
  readonly oneOf: readonly Json[];
}

/** Names and secrets of one run; the same for both sides, so that their answers can be compared. */
export interface Values {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** Another good password. */
  readonly password2: string;
  /** A second account, where the licence has a seat for it. */
  readonly other: string;
  readonly otherDomain: string;
  readonly package: string;
  /** A package that allows one of everything. */
  readonly small: string;
  readonly token: string;
  readonly uid: number;
  readonly dkimKey: string;
  readonly dkimKey2: string;
  /** Of the throw-away domain, signed by itself; PEM. */
  readonly certificate: string;
  readonly certificateKey: string;
  /** The master's main shared address. */
  readonly address: string;
  readonly hostname: string;
}

/** What a run has made and must take away again. */
export type Owned =
  | { readonly kind: 'account'; readonly user: string; readonly domain: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'token' | 'feature list'; readonly name: string };

/** One of the two servers, as steps see it. What is sent is noted as evidence of the step that sends it. */
export interface Side {
  readonly values: Values;
  readonly place: (sent: boolean) => Place;
  /** A call with our own credentials, or others. */
  call(call: WhmCall, sign?: Sign): Promise<Outcome>;
  send(ask: Ask): Promise<Reply>;
  /** Remembered before it is made, taken away at the end. */
  own(thing: Owned): void;
  /** A value that the server made up and that no recording may show. */
  secret(value: string): void;
}

export interface Step {
  /** 'mail.add'. The part before the dot is its area. */
  readonly id: string;
  /** What Tandem takes for granted, one sentence. */
  readonly assumption: string;
  /** Ids in assumptions.ts that it checks. */
  readonly checks?: readonly string[];
  readonly kind: 'read' | 'write';
  /** The action of the catalogue that it does. */
  readonly action?: string;
  /** Skipped where that account is not there. */
  readonly needs?: 'account' | 'other' | 'nothing';
  /** The first version that has it, '11.138'. */
  readonly since?: string;
  /** The first version that no longer behaves so. */
  readonly until?: string;
  /** The simulator does not play this: only `expect` judges. */
  readonly alone?: true;
  /** Why it cannot be tried on a server in use: it is always skipped, with this sentence. */
  readonly unsafe?: string;
  /** Paths in answers whose keys are names of things: 'data.tokens'. */
  readonly maps?: readonly string[];
  /** What the facts of the master must be; what is not named is only compared with the simulator's. */
  readonly expect: Readonly<Record<string, Expected>>;
  run(side: Side): Promise<Facts>;
}

/** Everything one side gave for one step. */
export interface Evidence {
  readonly step: string;
  readonly facts: Facts;
  readonly exchanges: readonly Exchange[];
  /** Functions whose answer took more than half of the time that Tandem gives them. */
  readonly late: readonly string[];
}

/** One of several values. */
export function oneOf(...values: readonly Json[]): OneOf {
  return { oneOf: values };
}
