/** Which differences and certificates a person must hear of. Pure. */
import type { Alarm } from '../operations/alarms.ts';
import { type CertificateState, WARN_DAYS } from './certificates.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** So near to its end nobody may wait for the morning. */
const URGENT_DAYS = 3;
/** A newer certificate is copied within minutes; what differs for longer does so because that did not work. */
const COPY_MS = HOUR_MS / 2;

export interface DriftSeen {
  readonly certificates: Pick<CertificateState, 'ending'>;
  /** Differences that stand, by kind, and since when the oldest does. */
  readonly standing: readonly { readonly kind: string; readonly count: number; readonly since: number }[];
  /** When the last whole comparison ended; undefined: there was none yet. */
  readonly compared: number | undefined;
  /** Whether there is to be one every night. */
  readonly nightly: boolean;
  readonly now: number;
}

/** What is the case now. The same case has the same key at every look. */
export function driftAlarms(seen: DriftSeen): readonly Alarm[] {
  return [...ending(seen), ...differing(seen), ...apart(seen), ...open(seen), ...late(seen)];
}

function ending({ certificates, now }: DriftSeen): readonly Alarm[] {
  const soon = certificates.ending.filter(({ until }) => until - now < WARN_DAYS * DAY_MS);
  const [first, ...more] = soon;
  if (first === undefined) return [];
  const days = Math.floor((first.until - now) / DAY_MS);
  const when = days < 0 ? 'has ended' : `ends in ${days === 1 ? 'one day' : `${days} days`}`;
  const others = more.length === 0 ? '' : `, and ${more.length} more soon`;
  const alarm = {
    at: now,
    sentence: `The certificate of ${first.name} on ${first.master} ${when}${others}`,
    command: 'tandem drift certificates',
  };
  const warned: Alarm = { ...alarm, key: 'certificates:ending', severity: 'warning' };
  // An event of its own when it becomes urgent: it is told to more people than the first warning was.
  return days < URGENT_DAYS ? [warned, { ...alarm, key: 'certificates:ending-now', severity: 'critical' }] : [warned];
}

function differing({ standing, now }: DriftSeen): readonly Alarm[] {
  const found = standing.find(({ kind }) => kind === 'certificate');
  if (found === undefined || now - found.since < COPY_MS) return [];
  const { count, since: at } = found;
  return [
    {
      key: 'certificates:differ',
      severity: 'warning',
      at,
      sentence: `${count === 1 ? 'A certificate is' : `${count} certificates are`} not the same on the masters`,
      willNot: 'return to a master whose certificates differ',
      command: 'tandem drift list --kind certificate',
    },
  ];
}

/** While one master is updated before the other they differ: a day is long enough for both. */
function apart({ standing, now }: DriftSeen): readonly Alarm[] {
  const found = standing.find(({ kind }) => kind === 'server');
  if (found === undefined || now - found.since < DAY_MS) return [];
  const what = found.count === 1 ? 'A version or setting is' : `${found.count} versions and settings are`;
  return [
    {
      key: 'masters:differ',
      severity: 'warning',
      at: found.since,
      sentence: `${what} not the same on the masters for more than a day`,
      willNot: 'change a master’s version or settings',
      command: 'tandem drift list --kind server',
    },
  ];
}

function open({ standing }: DriftSeen): readonly Alarm[] {
  const others = standing.filter(({ kind }) => kind !== 'certificate' && kind !== 'server');
  const count = others.reduce((sum, one) => sum + one.count, 0);
  if (count === 0) return [];
  const at = Math.min(...others.map(({ since }) => since));
  const sentence = count === 1 ? 'The masters differ in one thing' : `The masters differ in ${count} things`;
  return [
    {
      key: 'drift:open',
      severity: 'warning',
      at,
      sentence,
      evidence: others.map((one) => `${one.kind} ${one.count}`).join(', '),
      willNot: 'repair it before a person has looked',
      command: 'tandem drift list',
    },
  ];
}

function late({ compared, nightly, now }: DriftSeen): readonly Alarm[] {
  if (!nightly || compared === undefined || now - compared < 2 * DAY_MS) return [];
  const hours = Math.floor((now - compared) / HOUR_MS);
  const sentence = `The masters were not compared for ${hours} hours`;
  return [{ key: 'drift:late', severity: 'warning', at: compared + DAY_MS, sentence, command: 'tandem drift scan' }];
}
