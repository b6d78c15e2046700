/** Which of the things that are true about the masters a person must hear of. Pure. */
import type { Status } from './model.ts';

/** Something that must be told, in the words of notify's events. */
export interface Alarm {
  readonly key: string;
  readonly severity: 'warning' | 'critical';
  readonly at: number;
  readonly sentence: string;
  readonly evidence?: string;
  readonly willNot?: string;
  readonly command?: string;
}

/** What is the case now, and what it is called. The same case has the same key at every look. */
export function alarmsOf(status: Status, now: number): readonly Alarm[] {
  return [
    ...status.masters.flatMap((m): Alarm[] => {
      if (m.state === 'reachable') return [];
      const at = Date.parse(m.since);
      const waiting = m.backlog === 1 ? '1 change waits' : `${m.backlog} changes wait`;
      const evidence = m.reason === undefined ? {} : { evidence: m.reason };
      if (m.state === 'parked') {
        const willNot = 'try again: that would lock Tandem out';
        const sentence = `${m.name} is parked, ${waiting}`;
        return [
          {
            key: `parked:${m.id}`,
            severity: 'critical',
            at,
            sentence,
            willNot,
            command: `tandem resume ${m.id}`,
            ...evidence,
          },
        ];
      }
      const sentence = `${m.name} is ${m.state}, ${waiting}`;
      return [{ key: `away:${m.id}`, severity: 'warning', at, sentence, command: 'tandem doctor', ...evidence }];
    }),
    ...status.masters.flatMap((m): Alarm[] => {
      if (m.held === 0) return [];
      const sentence = `${m.name}: ${m.held === 1 ? 'a change is' : `${m.held} changes are`} on hold for a person`;
      return [
        { key: `held:${m.id}`, severity: 'warning', at: now, sentence, command: 'tandem operations --state held' },
      ];
    }),
  ];
}
