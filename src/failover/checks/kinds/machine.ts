import { z } from 'zod';
import { whole } from '../../../config-types.ts';
import { messageOf } from '../../../errors.ts';
import { askVantage } from '../../vantage/ssh.ts';
import { type CheckAround, type CheckKind, critical, type Finding, ok, warning } from '../kind.ts';

/** What a master says of itself through `tandem-vantage`: load and disk space. */

/** Its one line of answer, or why there is none: that proves nothing about the master. */
async function asked(word: 'load' | 'disk', { ssh, signal }: CheckAround): Promise<string | Finding> {
  if (ssh === undefined) return { result: 'unknown', text: 'its place has no ssh: see tandem vantage install' };
  try {
    const said = await askVantage(ssh, [word], signal);
    return said.startsWith(`${word} `) ? said.slice(word.length + 1) : { result: 'unknown', text: `answers “${said}”` };
  } catch (error) {
    return { result: 'unknown', text: messageOf(error) };
  }
}

const levels = (warn: number, bad: number) => ({
  warn: z.number().min(0).default(warn),
  critical: z.number().min(0).default(bad),
});
const loadParams = z.strictObject({ ...levels(20, 60), minutes: z.literal([1, 5, 15]).default(5) });

function judge(value: number, limits: { readonly warn: number; readonly critical: number }, text: string): Finding {
  if (value >= limits.critical) return critical(text);
  return value >= limits.warn ? warning(text) : ok(text);
}

/** Processes that want to run, over the last minutes. */
export const load: CheckKind<z.output<typeof loadParams>> = {
  kind: 'load',
  params: loadParams,
  example: '{ id: load, kind: load, warn: 20, critical: 60 }',
  port: () => undefined,
  async run(_host, given, around) {
    const said = await asked('load', around);
    if (typeof said !== 'string') return said;
    const value = Number(said.split(' ')[[1, 5, 15].indexOf(given.minutes)]);
    if (Number.isNaN(value)) return { result: 'unknown', text: `answers “${said}”` };
    return judge(value, given, `load ${said}`);
  },
};

const diskParams = z.strictObject({
  warn: whole(1, 100).default(90),
  critical: whole(1, 100).default(97),
  /** Mount points; without it: all file systems on disks. */
  mounts: z.array(z.string().startsWith('/')).optional(),
});

interface Disk {
  readonly mount: string;
  /** Percent of bytes, and of inodes. */
  readonly used: number;
  readonly inodes: number;
}

/** '/:45:7 /home:71:3' */
function disksIn(said: string): readonly Disk[] {
  return said.split(' ').flatMap((word) => {
    const found = /^(\/[^:]*):(\d+):(\d+)$/.exec(word);
    return found === null ? [] : [{ mount: found[1] ?? '', used: Number(found[2]), inodes: Number(found[3]) }];
  });
}

function fullest(disks: readonly Disk[]): Disk | undefined {
  return disks.toSorted((a, b) => Math.max(b.used, b.inodes) - Math.max(a.used, a.inodes))[0];
}

/** How full its file systems are, in bytes and in inodes, of which mail servers run out first. */
export const disk: CheckKind<z.output<typeof diskParams>> = {
  kind: 'disk',
  params: diskParams,
  example: '{ id: disk, kind: disk, warn: 90, critical: 97 }',
  port: () => undefined,
  async run(_host, given, around) {
    const said = await asked('disk', around);
    if (typeof said !== 'string') return said;
    const disks = disksIn(said).filter(({ mount }) => given.mounts?.includes(mount) ?? true);
    const missing = given.mounts?.filter((mount) => !disks.some((one) => one.mount === mount)) ?? [];
    if (missing.length > 0) return critical(`not mounted: ${missing.join(', ')}`);
    const worst = fullest(disks);
    if (worst === undefined) return { result: 'unknown', text: `answers “${said}”` };
    const text = `${worst.mount} is ${worst.used} % full, inodes ${worst.inodes} %`;
    return judge(Math.max(worst.used, worst.inodes), given, text);
  },
};
