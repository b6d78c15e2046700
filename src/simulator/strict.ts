/** `Batch::strict`: UAPI functions in order, the rest left out after the first that fails. */
import type { Call, Engine, Outcome, Portion } from './engine.ts';
import { uapiAnswer } from './envelope.ts';
import { no, ok, type Result } from './handler.ts';

interface Command {
  readonly fn: string;
  readonly args: Call['args'];
}

/** `["Email","add_pop",{"email":"a"}]` */
function commandOf(text: string): Command | undefined {
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(parts) || parts.length < 2 || parts.length > 3) return undefined;
  const [module, func, fields = {}]: readonly unknown[] = parts;
  if (typeof module !== 'string' || typeof func !== 'string') return undefined;
  const args = Object.entries(fields ?? {}).map(([name, value]): readonly [string, string] => [name, String(value)]);
  return { fn: `${module}::${func}`, args };
}

/** Whether a call is one that holds others. */
export function isStrict({ api, fn }: Call): boolean {
  return api === 'uapi' && fn === 'Batch::strict';
}

/** Runs what it holds; of an account that is not the caller's nothing is run. */
export function runStrict(
  engine: Engine,
  call: Call,
  sequence: number,
  portion: Portion,
  resultOf: (fn: string, executed: Outcome['executed']) => Result,
): Outcome {
  const texts = call.args.filter(([name]) => /^command(-\d+)?$/u.test(name)).map(([, text]) => text);
  const data: unknown[] = [];
  const ran: Outcome[] = [];

  function step(text: string): Result {
    const command = commandOf(text);
    if (command === undefined) return no('A command is no JSON array of module and function.');
    const outcome = engine.run({ ...call, ...command }, sequence, portion);
    ran.push(outcome);
    const result = resultOf(command.fn, outcome.executed);
    data.push(uapiAnswer(result));
    return result.ok ? result : no(result.reason, { data });
  }

  let result: Result = texts.length === 0 ? no('Provide the ‘command’ argument.') : ok(data);
  for (const text of texts) {
    const one = step(text);
    if (!one.ok) result = one;
    if (!one.ok) break;
  }
  const last = ran.at(-1);
  if (last?.executed.kind === 'bad-user') return last;
  return {
    executed: { kind: 'result', result, v0: undefined },
    account: last?.account ?? call.user,
    effect: last?.effect,
    finish: () => last?.finish(),
  };
}
