import type { Evidence, Exchange, Expected, Facts, Json, Step } from './model.ts';
import { compareShapes, shapeOf } from './shape.ts';

/** Paths that cPanel itself sends now and then, for one function today and not tomorrow. */
const nowAndThen = /^cpanelresult\.(preevent|postevent)\b/u;

function said(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

function isOneOf(expected: Expected): expected is { readonly oneOf: readonly Json[] } {
  return typeof expected === 'object' && expected !== null && 'oneOf' in expected;
}

/** Why a fact is not as expected, or undefined. */
function objection(name: string, expected: Expected, fact: Json | undefined): string | undefined {
  if (expected instanceof RegExp) {
    return typeof fact === 'string' && expected.test(fact)
      ? undefined
      : `${name} is ${said(fact)}, which does not match ${expected}`;
  }
  const allowed = isOneOf(expected) ? expected.oneOf : [expected];
  if (allowed.some((one) => said(one) === said(fact))) return undefined;
  return `${name} is ${said(fact)}, and ${allowed.map(said).join(' or ')} was expected`;
}

/** Where the master's facts are not what Tandem takes for granted. */
export function againstExpectation(step: Step, facts: Facts): readonly string[] {
  return Object.entries(step.expect).flatMap(([name, expected]) => {
    const why = objection(name, expected, facts[name]);
    return why === undefined ? [] : [`the assumption does not hold: ${why}`];
  });
}

function compareFacts(step: Step, master: Facts, simulator: Facts): readonly string[] {
  const names = [...new Set([...Object.keys(master), ...Object.keys(simulator)])].sort();
  return names.flatMap((name) => {
    const expected = step.expect[name];
    // Where several values are right, the two may differ.
    if (expected instanceof RegExp || (expected !== undefined && isOneOf(expected))) return [];
    // A text says why; what counts is that both say no.
    if (/because$/iu.test(name) && typeof master[name] === typeof simulator[name]) return [];
    if (said(master[name]) === said(simulator[name])) return [];
    return [`${name}: the master gives ${said(master[name])}, the simulator ${said(simulator[name])}`];
  });
}

function reasonOf(exchange: Exchange): string {
  const text = JSON.stringify(exchange.body);
  return /"(?:reason|error|statusmsg)":"([^"]{1,200})/u.exec(text)?.[1] ?? text.slice(0, 120);
}

/** What differs between two answers to the same request; the shape only where both say the same. */
export function compareExchange(step: Step, master: Exchange, simulator: Exchange): readonly string[] {
  const found: string[] = [];
  const about = (sentence: string): void => void found.push(`${master.fn}: ${sentence}`);
  if (master.status !== simulator.status) {
    about(`HTTP status: the master answers ${master.status}, the simulator ${simulator.status}`);
  }
  if (master.outcome !== simulator.outcome) {
    about(`outcome: ${master.outcome} on the master (${reasonOf(master)}), ${simulator.outcome} on the simulator`);
  }
  if (found.length > 0) return found;
  if (master.contentType !== simulator.contentType) {
    about(
      `content type: the master sends ${master.contentType || 'none'}, the simulator ${simulator.contentType || 'none'}`,
    );
  }
  const shapes = compareShapes(shapeOf(master.body, step.maps), shapeOf(simulator.body, step.maps));
  for (const sentence of shapes) if (!nowAndThen.test(sentence)) about(sentence);
  return found;
}

/** A request by its function and the names of its arguments; values differ between servers. */
function requestOf(exchange: Exchange | undefined): string {
  if (exchange === undefined) return 'no request';
  const { port, sign, form } = exchange.request;
  return `${exchange.fn}(${form.map(([name]) => name).join()}) on the ${port} port with ${sign} credentials`;
}

/** The same requests in the same order, or where they part. */
function compareExchanges(step: Step, master: Evidence, simulator: Evidence): readonly string[] {
  const found: string[] = [];
  const most = Math.max(master.exchanges.length, simulator.exchanges.length);
  for (let n = 0; n < most; n += 1) {
    const [ours, theirs] = [master.exchanges[n], simulator.exchanges[n]];
    const [first, second] = [requestOf(ours), requestOf(theirs)];
    if (ours === undefined || theirs === undefined || first !== second) {
      found.push(
        `request ${n + 1}: what was answered before led to ${first} on the master and ${second} on the simulator`,
      );
      break;
    }
    found.push(...compareExchange(step, ours, theirs));
  }
  return [...new Set(found)];
}

/** Answers that came so late that the deadline in Tandem's function table is in question. */
export function tooLate(master: Evidence): readonly string[] {
  return master.late.map((one) => `${one}, more than half of the time that Tandem waits for it`);
}

/** Every difference between a master (or its recording) and the simulator in one step. */
export function compareEvidence(step: Step, master: Evidence, simulator: Evidence): readonly string[] {
  return [...compareExchanges(step, master, simulator), ...compareFacts(step, master.facts, simulator.facts)];
}
