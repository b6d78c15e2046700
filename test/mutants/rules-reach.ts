import type { Mutant } from './rules.ts';

const verdict = ['test/unit/failover/verdict.test.ts', 'test/unit/failover/verdict-sweep.test.ts'] as const;
const rules = 'test/unit/filesync/rules.test.ts';
const plan = 'test/unit/filesync/plan.test.ts';

/** What reaches further than one operation: names that move, files that travel. */
export const reachRules: readonly Mutant[] = [
  {
    rule: 'a watcher that sees no anchor orders nothing',
    file: 'src/failover/verdict/verdict.ts',
    search: "if (!view.anchor) return 'no-anchor';",
    replace: '',
    tests: [...verdict],
  },
  {
    rule: 'nobody at its own site alone confirms a death',
    file: 'src/failover/verdict/verdict.ts',
    search: "if (!confirming.some(({ from }) => placeOf(topology, from).site !== site)) return 'no-confirmation';",
    replace: "if (confirming.length === 0 || site === '') return 'no-confirmation';",
    tests: [...verdict],
  },
  {
    rule: 'a serial never goes back',
    file: 'src/failover/zone/serial.ts',
    search: 'if (isAhead(today, newest)) return today;',
    replace: 'if (newest > 0) return today;',
    tests: ['test/unit/failover/zone-switch.test.ts'],
  },
  {
    rule: 'an edit beats a delete, and what loses is kept',
    file: 'src/filesync/plan.ts',
    search: "keepMine: loses === 'first', keepTheirs: loses === 'second'",
    replace: 'keepMine: false, keepTheirs: false',
    tests: [plan],
  },
  {
    rule: 'side 1 alone settles what both changed',
    file: 'src/filesync/plan.ts',
    search: "if (side === 2) return { kind: 'crossed' };",
    replace: '',
    tests: [plan],
  },
  {
    rule: 'an account that is emptied at once is held',
    file: 'src/filesync/safety.ts',
    search: 'if (changes > Math.min(usual, whole)) return',
    replace: 'if (changes > files) return',
    tests: [rules],
  },
  {
    rule: "the peer's paths stay below the tree",
    file: 'src/filesync/receive.ts',
    search: "key.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.length < 256)",
    replace: "key.split('/').every((part) => part.length < 256)",
    tests: [rules],
  },
  {
    rule: 'a message that was written to since it was seen is not renamed',
    file: 'src/filesync/rename-only.ts',
    search: 'if (before === undefined || !sameFile(before.print, print)) throw',
    replace: 'if (before === undefined) throw',
    tests: ['test/unit/filesync/rename-only.test.ts'],
  },
  {
    rule: 'what was asked for lately is not said any more once it was set anew',
    file: 'src/filesync/store.ts',
    search: `    this.recent.delete(key);
    this.unsaved.set(key, { value: known });`,
    replace: '    this.unsaved.set(key, { value: known });',
    tests: ['test/unit/filesync/store.test.ts'],
  },
  {
    rule: 'what a directory was called is forgotten when events were dropped',
    file: 'src/filesync/helpers/fanotify.pl',
    search: `    %directories = ();
    $out .= "O\\0";`,
    replace: `    $out .= "O\\0";`,
    tests: ['test/e2e/filesync/events.test.ts'],
  },
];
