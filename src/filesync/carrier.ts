import { messageOf } from '../errors.ts';
import type { Logger } from '../log.ts';
import { BulkLine } from './bulk-line.ts';
import { type Copy, copyInPieces } from './pieces.ts';
import type { Settings } from './settings.ts';

export interface Load extends Copy {
  readonly key: string;
  /** The target has nothing to compare with: all of it travels. */
  readonly isNew: boolean;
}

export interface CarrierOptions {
  readonly settings: Settings;
  readonly log: Logger;
  /** Version of rsync, or null when it must not be used. */
  rsync(): string | null;
}

/** Brings large files from spool to spool, on the side that dials: new ones in pieces, others by rsync. */
export class Carrier {
  readonly line: BulkLine;
  /** How often rsync ran. */
  runs = 0;
  private readonly options: CarrierOptions;
  /** What went in pieces once: should it not have been put in place, as on a full disk, rsync goes on with what it brought. */
  private readonly tried = new Set<string>();

  constructor(options: CarrierOptions) {
    this.options = options;
    this.line = new BulkLine(options.settings);
  }

  /** Carries one file; rejects with why it was not. */
  async carry(load: Load, signal: AbortSignal): Promise<void> {
    if (!this.mayRsync) await this.wholly(load, signal);
    else if (!load.isNew || !this.line.isShared || !(await this.wentInPieces(load, signal)))
      await this.rsync(load, signal);
  }

  private get mayRsync(): boolean {
    return this.options.rsync() !== null;
  }

  private async wholly(load: Load, signal: AbortSignal): Promise<void> {
    if (!this.line.isShared) throw new Error('rsync is too old or missing');
    await copyInPieces(this.line, load, signal);
  }

  /** False where rsync is to carry it: also an agent from before knows that. */
  private async wentInPieces(load: Load, signal: AbortSignal): Promise<boolean> {
    if (this.tried.has(load.id)) return false;
    if (this.tried.size > 10_000) this.tried.clear();
    this.tried.add(load.id);
    try {
      await copyInPieces(this.line, load, signal);
      return true;
    } catch (error) {
      if (signal.aborted) {
        this.tried.delete(load.id);
        throw error;
      }
      this.options.log.info({ key: load.key, reason: messageOf(error) }, 'a large file does not go in pieces');
      return false;
    }
  }

  private rsync({ tree, spool, id, push }: Load, signal: AbortSignal): Promise<void> {
    this.runs += 1;
    return this.line.rsync(tree, signal, (there) =>
      push ? [`${spool}/out/${id}`, `${there}/in/`] : [`${there}/out/${id}`, `${spool}/in/`],
    );
  }
}
