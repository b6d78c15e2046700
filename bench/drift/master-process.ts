/** A simulated master in a process of its own, so that its work is not counted as the scan's. */
import { mkdirSync } from 'node:fs';
import { startSimulator } from '../../src/simulator/index.ts';

export interface MasterArgs {
  readonly id: string;
  readonly stateDir: string;
  readonly listen: string;
}

export interface MasterReply {
  readonly kind: 'ready';
  readonly whmUrl: string;
  readonly controlUrl: string;
  readonly rootToken: string;
  readonly ca: string;
}

const args = JSON.parse(process.argv[2] ?? '') as MasterArgs;
mkdirSync(args.stateDir, { recursive: true });
const { whmUrl, controlUrl, rootToken, ca } = await startSimulator({ ...args, minimumStrength: 30 });
process.send?.({ kind: 'ready', whmUrl, controlUrl, rootToken, ca } satisfies MasterReply);
process.on('disconnect', () => process.exit(0));
