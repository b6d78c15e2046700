import type { Extent } from '../apply/apply.ts';
import { brake, type SwitchLimits, type Veto } from '../safety.ts';
import type { Memory } from './memory.ts';

/** The change brake's numbers. Pure. */

/** A move of fewer zones than this share of all says nothing about the others, and harms few. */
const fewShare = 0.2;

/** What stands against a run of this extent, by what the last look found. */
export function vetoesFor(memory: Memory, extent: Extent, limits: SwitchLimits): readonly Veto[] {
  const ofZones = memory.zones === 0 ? [] : brake(memory.zones, extent.zones, limits);
  const shrunk = ofZones.map((one): Veto => {
    const sentence = `There are ${extent.zones} zones where ${memory.zones} were expected.`;
    return { ...one, sentence };
  });
  const moved = [...extent.away].flatMap(([master, now]) => {
    const before = memory.expected[master];
    if (before === undefined || before.zones === 0 || now.zones < extent.zones * fewShare) return [];
    return brake(Math.round((before.values / before.zones) * now.zones), now.values, limits);
  });
  return [...shrunk, ...moved];
}

/** What to expect next time: moves of few zones teach nothing. */
export function learned(memory: Memory, extent: Extent): Memory['expected'] {
  const many = [...extent.away].filter(([, { zones }]) => zones >= extent.zones * fewShare);
  return { ...memory.expected, ...Object.fromEntries(many) };
}
