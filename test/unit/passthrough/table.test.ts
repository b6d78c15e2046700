import { describe, expect, it } from 'vitest';
import { actionOf, covered } from '../../../src/actions/index.ts';
import { mastersOf } from '../../../src/masters.ts';
import { judge, type Verdict } from '../../../src/routes/passthrough/judge.ts';
import { tablesOf } from '../../../src/routes/passthrough/tables.ts';
import type { Args } from '../../../src/whm/call.ts';
import { functions } from '../../../src/whm/functions/index.ts';
import type { FunctionEntry } from '../../../src/whm/functions/model.ts';

const tables = tablesOf({ functions, covered, actionOf });
const masters = mastersOf(
  ['m1', 'm2'].map((id, at) => ({
    id,
    name: id.toUpperCase(),
    site: id,
    hostname: `${id}.example.net`,
    address: `192.0.2.${at + 1}`,
  })),
);

/** Every required argument, with a value that could be meant. */
function argsOf(entry: FunctionEntry): Args {
  return entry.required.map(
    (name) => [name.replace('*', 'x'), /user|account/.test(name) ? 'bob' : 'x.example'] as const,
  );
}

function wantedOf(entry: FunctionEntry, more: Args = []) {
  const user = entry.api === 'uapi' ? { user: 'bob' } : {};
  return { api: entry.api, fn: entry.name, args: [...argsOf(entry), ...more], ...user };
}

/** The calls that an operation would make, by master. */
function callsOf(verdict: Verdict & { kind: 'write' | 'one' }): Readonly<Record<string, readonly string[]>> {
  const { action, params } =
    verdict.kind === 'write' ? verdict : tables.generic(verdict.call, verdict.master ?? masters.list[1]?.id);
  const found = actionOf(action);
  if (found === undefined) throw new Error(`no action ${action}`);
  const parsed = found.params.parse(params);
  const only = found.masters?.(parsed);
  return Object.fromEntries(
    masters.list
      .filter((master) => only?.includes(master.id) ?? true)
      .map((master) => {
        const place = { master, masters, sent: false };
        const plan = found.plan(parsed, found.read(parsed, [], place), place);
        return [master.id, plan.kind === 'apply' ? plan.calls.map((call) => call.fn) : [plan.kind]];
      }),
  );
}

const treated = (treatment: FunctionEntry['treatment']) =>
  functions.all.filter((entry) => entry.treatment === treatment).map((entry) => [entry.name, entry] as const);

describe('every function of the table', () => {
  it('has a treatment and ends in a verdict', () => {
    expect(functions.all.length).toBeGreaterThan(1200);
    for (const entry of functions.all) {
      expect(entry.treatment, entry.name).toBeTruthy();
      expect(judge(tables, wantedOf(entry)).kind, entry.name).not.toBe('unknown');
    }
  });

  it.each(treated('fan-out'))('%s goes to both masters, once to each', (name, entry) => {
    const verdict = judge(tables, wantedOf(entry));
    if (verdict.kind === 'zone-write') return expect(name).toMatch(/zone|record/i);
    if (verdict.kind !== 'write') throw new Error(`${name} is ${verdict.kind}`);
    // What an action of its own takes over is proved where the actions are.
    if (verdict.action !== 'whm.call') return expect(actionOf(verdict.action)).toBeDefined();
    expect(callsOf(verdict)).toEqual({ m1: [name], m2: [name] });
  });

  it.each(treated('read'))('%s is one read of one master', (name, entry) => {
    const verdict = judge(tables, wantedOf(entry));
    expect(['read', 'zone-read']).toContain(verdict.kind);
    expect(verdict).toMatchObject({ call: { fn: name } });
  });

  it.each(treated('named'))('%s changes the master that is named and no other', (name, entry) => {
    const verdict = judge(tables, wantedOf(entry, [['tandem.master', 'm2']]));
    if (verdict.kind !== 'one') throw new Error(`${name} is ${verdict.kind}`);
    expect(callsOf(verdict)).toEqual({ m2: [name] });
  });

  it.each(treated('active'))('%s changes one master', (name, entry) => {
    const verdict = judge(tables, wantedOf(entry));
    if (verdict.kind === 'write') return expect(verdict.action).not.toBe('whm.call');
    // Files go there by a way of their own (test/e2e/passthrough/uploads.test.ts).
    if (verdict.kind === 'upload') return expect(name).toBe('Fileman::upload_files');
    if (verdict.kind !== 'one') throw new Error(`${name} is ${verdict.kind}`);
    expect(callsOf(verdict)).toEqual({ m2: [name] });
  });

  it.each(treated('refused'))('%s reaches no master', (name, entry) => {
    const verdict = judge(tables, wantedOf(entry));
    const isLines = ['mass_edit_dns_zone', 'editzonerecord', 'removezonerecord', 'DNS::mass_edit_zone'].includes(name);
    if (isLines) return expect(verdict.kind).toBe('zone-write');
    expect(['refused', 'write']).toContain(verdict.kind);
    if (verdict.kind === 'write') expect(verdict.action).not.toBe('whm.call');
  });
});
