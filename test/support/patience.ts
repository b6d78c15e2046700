import { vi } from 'vitest';

/** What is asked again and again is given up after this long at the earliest: a busy machine takes many times longer. */
const patienceMs = 20_000;

const given = Symbol.for('tandem.test.patience');
type Patient = typeof vi & { [given]?: true };

/** `expect.poll` has its limit in vitest.config.ts; that of `vi.waitFor` is one second and can be set nowhere. */
function bePatient(own: Patient): void {
  if (own[given]) return;
  own[given] = true;
  const waitFor = own.waitFor.bind(own);
  own.waitFor = (callback, options) => {
    const { timeout = 0, ...rest } = typeof options === 'number' ? { timeout: options } : (options ?? {});
    return waitFor(callback, { ...rest, timeout: Math.max(timeout, patienceMs) });
  };
}

bePatient(vi);
