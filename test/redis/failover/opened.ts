import { join } from 'node:path';
import type { Clock } from '../../../src/clock.ts';
import { listZones } from '../../../src/failover/apply/files.ts';
import { openLedger } from '../../../src/failover/apply/ledger.ts';
import { inlinePlanner } from '../../../src/failover/apply/planner.ts';
import { openReady } from '../../../src/failover/apply/ready.ts';
import { orderReader } from '../../../src/failover/publish/memory.ts';
import type { Opened, PublishDeps } from '../../../src/failover/publish/run.ts';
import type { Signing } from '../../../src/failover/publish/signing.ts';
import { defaultLimits } from '../../../src/failover/safety.ts';
import { testLog } from '../../support/log.ts';
import { moves } from './directory.ts';

/** What works on a zone directory, laid open: each part is called by itself. The caller closes the ledger. */
export async function openWatcher(
  { dir, stateDir, clock }: { readonly dir: string; readonly stateDir: string; readonly clock: Clock },
  signing: Signing,
  more: Partial<PublishDeps> = {},
): Promise<Opened> {
  const ready = openReady(dir);
  await ready.open(new Set((await listZones(dir)).zones));
  const deps: PublishDeps = {
    dir,
    stateDir,
    accountsFile: join(stateDir, 'userdomains'),
    planner: inlinePlanner(moves),
    publishers: [],
    limits: defaultLimits,
    home: 'm1',
    clock,
    ticks: () => performance.now(),
    log: testLog().log,
    ahead: ['m1', 'm2'],
    ...more,
  };
  const ledger = await openLedger(join(stateDir, 'zones.ledger'));
  const memoryFile = join(stateDir, 'state.json');
  return { deps, ledger, memoryFile, seen: new Map(), ready, signing, standing: orderReader(memoryFile) };
}
