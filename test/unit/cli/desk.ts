import { actions } from '../../../src/actions/index.ts';
import type { Parts, Shell } from '../../../src/cli/parts.ts';
import { runCli } from '../../../src/cli/run-cli.ts';
import type { LegView, Operations, OperationView, Request } from '../../../src/operations/model.ts';
import { functions } from '../../../src/whm/functions/index.ts';

/** One leg as the core would show it. */
export function leg(master: string, more: Partial<LegView> = {}): LegView {
  return { id: `leg-${master}`, master, state: 'done', attempts: 1, choices: [], answers: [], ...more };
}

export function operation(more: Partial<OperationView> = {}): OperationView {
  return {
    id: '01OP',
    action: 'mailbox.add',
    title: 'Add mailbox',
    subject: { kind: 'account', account: 'bob' },
    state: 'done',
    lead: 'm1',
    actor: 'root',
    door: 'cli',
    acceptedAt: '2026-01-01T10:00:00.000Z',
    params: {},
    legs: [leg('m1'), leg('m2')],
    canWithdraw: false,
    ...more,
  };
}

/** What a scripted core answers; every field has a quiet default. */
export interface Script {
  readonly accept?: (request: Request) => OperationView;
  /** Views that waiting meets, one after another; the last one stays. */
  readonly views?: readonly OperationView[];
  readonly open?: (config: string | undefined) => void;
  readonly parts?: Partial<Parts>;
  readonly operations?: Partial<Operations>;
  readonly stdin?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
}

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly accepted: readonly Request[];
  readonly waits: number;
  readonly closed: number;
  readonly configs: readonly (string | undefined)[];
}

/** Auth of which nothing is expected to be asked. */
export const noAuth: Parts['auth'] = {
  personAdd: refuse,
  personRemove: refuse,
  personChange: refuse,
  personSuspend: refuse,
  personPassword: refuse,
  passwordLink: refuse,
  people: refuse,
  secondFactor: {
    state: refuse,
    begin: refuse,
    pending: refuse,
    confirm: refuse,
    check: refuse,
    newCodes: refuse,
    remove: refuse,
  },
  sessionList: refuse,
  sessionEnd: refuse,
  tokenCreate: refuse,
  tokens: refuse,
  tokenRevoke: refuse,
  tokenUpdate: refuse,
  audit: refuse,
  auditVerify: refuse,
  auditPages: refuse,
  auditHead: refuse,
  auditHeadProblem: refuse,
};

function refuse(): never {
  throw new Error('this command should not ask for that');
}

/** Runs one command line against a scripted core and a clock that moves with each wait. */
export async function tandem(argv: readonly string[], script: Script = {}): Promise<Ran> {
  const out = { stdout: '', stderr: '', waits: 0, closed: 0, now: 0 };
  const accepted: Request[] = [];
  const configs: (string | undefined)[] = [];
  const views = [...(script.views ?? [])];
  const parts: Parts = {
    operations: {
      async accept(request) {
        accepted.push(request);
        return script.accept?.(request) ?? views[0] ?? operation();
      },
      async wait(_id, _until, ms) {
        // For no time at all it is a look.
        if (ms > 0) out.waits += 1;
        out.now += ms;
        if (ms > 0 && views.length > 1) views.shift();
        return views[0] ?? operation();
      },
      get: async (id) => views.find((view) => view.id === id),
      list: async () => views,
      dryRun: async () => [{ master: 'm1', sentence: 'M1 would make one call', calls: ['Email::add_pop'] }],
      watch: () => () => undefined,
      choose: async () => operation(),
      withdraw: async () => operation({ state: 'withdrawn' }),
      resume: async () => undefined,
      adoptMaster: async () => undefined,
      ...script.operations,
    },
    reads: { status: refuse, accounts: refuse, call: refuse, order: refuse },
    auth: noAuth,
    drift: {
      scan: refuse,
      scanAccount: refuse,
      isDue: refuse,
      run: refuse,
      runs: refuse,
      list: refuse,
      counts: refuse,
      show: refuse,
      preview: refuse,
      repair: refuse,
      accept: refuse,
      certificates: refuse,
      adopt: refuse,
    },
    archives: { list: refuse, get: refuse },
    doctor: refuse,
    verify: refuse,
    ...script.parts,
    close: async () => {
      out.closed += 1;
    },
  };
  const cli: Shell = {
    stdin: (async function* () {
      yield script.stdin ?? '';
    })(),
    stdout: { write: (text) => (out.stdout += text), isTTY: script.tty ?? false },
    stderr: { write: (text) => (out.stderr += text) },
    env: { USER: 'anna' },
    open: async (config) => {
      configs.push(config);
      script.open?.(config);
      return parts;
    },
    tools: {},
    roles: { web: async (args) => args.length },
    catalogue: async () => ({ actions, functions, crashPoints: ['accept.before'] }),
    readFile: async (path) => {
      const text = script.files?.[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    now: () => out.now,
    version: '1.2.3',
  };
  const exit = await runCli(argv, cli);
  return { ...out, exit, accepted, configs };
}
