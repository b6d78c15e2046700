import { describe, expect, it } from 'vitest';
import { actions } from '../../../src/actions/index.ts';
import { assumptions } from '../../../src/verify/assumptions.ts';
import { contract } from '../../../src/verify/contract.ts';

const checked = contract.flatMap((step) => (step.checks ?? []).map((check) => [check, step] as const));

describe('assumptions', () => {
  it('ids are unique', () => {
    const ids = assumptions.map((one) => one.id);
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
  });

  it('as many are listed as the references leave unproved', () => {
    const count = (proof: string): number => assumptions.filter((one) => one.proof === proof).length;
    expect({
      known: count('known'),
      open: count('open'),
      inferred: count('inferred'),
      memory: count('memory'),
      experience: count('experience'),
      disputed: count('disputed'),
    }).toEqual({ known: 14, open: 32, inferred: 4, memory: 2, experience: 2, disputed: 3 });
  });

  it.each(assumptions.map((one) => one.id))('%s has a check', (id) => {
    expect(checked.filter(([check]) => check === id).length).toBeGreaterThan(0);
  });

  it('no check names an assumption that is not listed', () => {
    const known = new Set(assumptions.map((one) => one.id));
    expect(checked.map(([check]) => check).filter((check) => !known.has(check))).toEqual([]);
  });

  it('what cannot be tried is a small part, and says why', () => {
    const untried = contract.filter((step) => step.unsafe !== undefined);
    expect(untried.length).toBeLessThanOrEqual(14);
    expect(untried.filter((step) => (step.unsafe ?? '').length < 20)).toEqual([]);
  });
});

describe('contract', () => {
  it('ids are unique and name their area', () => {
    const ids = contract.map((step) => step.id);
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual([]);
    expect(ids.filter((id) => !/^[a-z]+\.[a-z0-9_-]+$/u.test(id))).toEqual([]);
  });

  it('every area has steps', () => {
    const areas = new Set(contract.map((step) => step.id.split('.')[0]));
    const wanted = ['accounts', 'packages', 'mail', 'domains', 'dns', 'dkim', 'mysql', 'ftp', 'resellers', 'sessions'];
    expect([...wanted, 'errors', 'timing', 'batch', 'server', 'zero', 'limits'].filter((a) => !areas.has(a))).toEqual(
      [],
    );
  });

  it('every step expects something, unless it is never played', () => {
    const empty = contract.filter((step) => step.unsafe === undefined && Object.keys(step.expect).length === 0);
    expect(empty.map((step) => step.id)).toEqual([]);
  });

  it('every assumption is a sentence', () => {
    expect(contract.map((step) => step.assumption).filter((text) => !/\.$/u.test(text))).toEqual([]);
  });

  it('a read never needs an account, and makes none', () => {
    expect(contract.filter((s) => s.kind === 'read' && s.needs !== undefined).map((s) => s.id)).toEqual([]);
  });

  it('every action of the catalogue but the generic one is played', () => {
    const played = new Set(contract.map((step) => step.action));
    expect(actions.map((a) => a.id).filter((id) => id !== 'whm.call' && !played.has(id))).toEqual([]);
  });
});
