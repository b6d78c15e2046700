// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the search texts are pieces of source code.
import type { Mutant } from './rules.ts';

const accepting = 'test/redis/operations/accepting.test.ts';
const hold = 'test/redis/operations/hold.test.ts';
const lookFirst = 'test/redis/operations/look-first.test.ts';
const order = 'test/redis/operations/order.test.ts';
const outage = 'test/redis/operations/outage.test.ts';
const states = 'test/redis/operations/states.test.ts';
const sick = 'test/redis/operations/sick.test.ts';
const verify = 'test/redis/operations/verify.test.ts';
const mark = 'test/redis/operations/mark.test.ts';
const preflight = 'test/redis/operations/preflight.test.ts';
const property = 'test/redis/operations/property.test.ts';
const crashes = 'test/e2e/operations/crash-points.test.ts';
const may = 'test/unit/auth/may.test.ts';
const answer = 'test/unit/whm/answer.test.ts';

/** The life of an operation: nothing lost, nothing twice, nothing out of order, nothing of a stranger's. */
export const coreRules: readonly Mutant[] = [
  {
    rule: 'a call is noted as sent before it is sent',
    file: 'src/operations/deliver.ts',
    search:
      'await noteSent(deps, lease, { deadlineMs, longestMs, answers: answersOf(run), seenUntil: run.seen?.until });',
    // Without a lease nothing at all would work.
    replace: 'await hold(run);',
    tests: [crashes, states],
  },
  {
    rule: 'a noted call that gets no place does not leave',
    file: 'src/operations/run.ts',
    search: '    if (leave === undefined) return undefined;\n',
    replace: '    if (leave === undefined) return await call(() => {});\n',
    tests: ['test/redis/operations/no-place.test.ts'],
  },
  {
    rule: 'no more calls than places, also of those noted ahead',
    file: 'src/jobs/line.ts',
    search: 'while (this.#noted.length > 0 && this.#inside < room)',
    replace: 'while (this.#noted.length > 0)',
    tests: ['test/unit/jobs/line.test.ts'],
  },
  {
    rule: 'no more calls are noted ahead than places are left meanwhile',
    file: 'src/jobs/line.ts',
    search: 'return Math.min(room, Math.ceil(room * share));',
    replace: 'return share > 0 ? room : 0;',
    tests: ['test/unit/jobs/line.test.ts'],
  },
  {
    rule: 'the oldest leg goes first',
    file: 'src/jobs/pool.ts',
    search: 'queue.splice(from, 0, leg);',
    replace: 'queue.push(leg);',
    tests: ['test/unit/jobs/pool.test.ts'],
  },
  {
    rule: 'a leg waits for earlier legs on its keys',
    file: 'src/operations/lease-statements.ts',
    search: "      e('waits', '=', 0),\n",
    replace: '',
    tests: [order, lookFirst],
  },
  {
    rule: 'a leg that was looked at is taken only as it was seen',
    file: 'src/operations/lease-statements.ts',
    search: "      e('turn', '=', sql<number>`${v.turn} - 1`),\n",
    replace: '',
    tests: [lookFirst],
  },
  {
    rule: 'a leg that was looked at is taken only while it may run and nobody has it',
    file: 'src/operations/lease-statements.ts',
    search: '      mayBeTaken(now)(e),\n',
    replace: '',
    tests: [lookFirst],
  },
  {
    rule: 'a leg is not taken as it was seen when it is on hold since',
    file: 'src/operations/lease-statements.ts',
    search: "      e('state', '=', 'ready'),\n",
    replace: '',
    tests: [lookFirst],
  },
  {
    rule: 'what was seen of a master counts no longer than a lease',
    file: 'src/operations/lease-statements.ts',
    search: '      sql<boolean>`${v.seenUntil} > ${now}`,\n',
    replace: '',
    tests: [lookFirst],
  },
  {
    rule: 'what may have been sent before is looked at under a lease',
    file: 'src/operations/lease.ts',
    search: "leg.state !== 'ready' || leg.first_sent_at !== null || ",
    replace: '',
    tests: [lookFirst],
  },
  {
    rule: 'a follower waits for the lead',
    file: 'src/operations/accept.ts',
    search: 'released: plan.legs.map((leg) => (leg.master === plan.lead ? 1 : 0)),',
    replace: 'released: plan.legs.map(() => 1),',
    tests: [states, hold],
  },
  {
    rule: 'a removal is in the way on every master',
    file: 'src/operations/accept-statements.ts',
    search: "e.or([e('master', '=', master), e('wide', '=', 1)])",
    replace: "e('master', '=', master)",
    tests: [order, outage],
  },
  {
    rule: 'the first that holds a key alone is looked at when a leg before it ends',
    file: 'src/operations/statements.ts',
    search: "where('theirs.seq', '<=', firstExclusive(db))",
    replace: "where('theirs.seq', '<', firstExclusive(db))",
    tests: [order],
  },
  {
    rule: 'a leg is let go only when nothing else is in its way',
    file: 'src/operations/order.ts',
    search: 'leg.turn === 0 && !leg.blocked',
    replace: 'leg.turn === 0',
    tests: [order],
  },
  {
    rule: 'what came back from a hold waits for what is under way',
    file: 'src/operations/order.ts',
    search: `e('turn', '+', 1)`,
    replace: `e('turn', '+', 0)`,
    tests: [order],
  },
  {
    rule: 'a held leg gives up its shared keys',
    file: 'src/operations/order.ts',
    search: `await db.deleteFrom('leg_keys').where('leg_id', '=', legId).where('exclusive', '=', 0).execute();`,
    replace: '',
    tests: [hold],
  },
  {
    rule: 'a held leg keeps its exclusive keys',
    file: 'src/operations/order.ts',
    search: `where('leg_id', '=', legId).where('exclusive', '=', 0)`,
    replace: `where('leg_id', '=', legId)`,
    tests: [hold, property],
  },
  {
    rule: 'a doubt is looked at only when the call can no longer land',
    file: 'src/operations/settle.ts',
    search: 'closed_until + ${Math.ceil(call.lagMs)} > ${now} then closed_until + ${Math.ceil(call.lagMs)}',
    replace: '0 > ${now} then 0',
    tests: [outage, property],
  },
  {
    rule: 'what must not be done twice is never repeated by itself',
    file: 'src/operations/deliver.ts',
    search: `if (againOf(run.work) === 'never') return settleHeld(run.deps, run.work, run.lease, trouble, attempt);`,
    replace: '',
    tests: [hold],
  },
  {
    rule: 'a follower that refuses is held, not refused',
    file: 'src/operations/run.ts',
    search: 'operation.lead === leg.master && operation.decided_at === null',
    replace: 'true',
    tests: [hold, states],
  },
  {
    rule: 'a committed operation is not refused by its new lead',
    file: 'src/operations/deliver.ts',
    search: 'const alone = run.work.operation.committed === 0;',
    replace: 'const alone = true;',
    tests: [outage, states],
  },
  {
    rule: 'the lead moves away from a doubt only after a set time',
    file: 'src/operations/lead.ts',
    search: "return ripe === undefined ? 'stay' : 'committed';",
    replace: "return ripe === undefined ? 'stay' : 'stay';",
    tests: [outage],
  },
  {
    rule: 'undo is closed once something later was applied',
    file: 'src/operations/choices.ts',
    search: 'return later === undefined ? undefined : `a later operation on ${later.name} was applied already`;',
    replace: 'return later === undefined ? undefined : undefined;',
    tests: [hold],
  },
  {
    rule: 'equal requests attach only while nothing later was accepted',
    file: 'src/operations/idempotency.ts',
    search: 'if (await overtaken(journal, db, row, taken)) return undefined;',
    replace: '',
    tests: [accepting],
  },
  {
    rule: 'a master that cannot say whose it is leads nothing',
    file: 'src/jobs/acquaint.ts',
    search: 'if (known.known || known.strange) return;',
    replace: 'return;',
    tests: ['test/redis/operations/mark.test.ts'],
  },
  {
    rule: 'no two nodes take one number',
    file: 'src/operations/clocks.ts',
    search: "if (journal.kind === 'mariadb')",
    replace: 'if (false)',
    tests: ['test/redis/operations/two-nodes.test.ts'],
  },
  {
    rule: 'a mark counts only for the operation that wrote it: others are looked for',
    file: 'src/operations/clocks.ts',
    search: 'return isKnown && clock.asked',
    replace: 'return clock.asked',
    tests: [accepting],
  },
  {
    rule: 'an idempotency key with other parameters is an error',
    file: 'src/operations/idempotency.ts',
    search: 'if (row.fingerprint === identity.fingerprint) return row;',
    replace: 'if (row.fingerprint !== "") return row;',
    tests: [accepting],
  },
  {
    rule: 'a finished outcome is replayed only to a caller that left without it',
    file: 'src/operations/idempotency.ts',
    search: "if (row.caller_left !== 1 || action.again === 'safe') return false;",
    replace: '',
    tests: [accepting],
  },
  {
    rule: 'nothing is accepted while no master can be reached',
    file: 'src/operations/preflight.ts',
    search: 'if (!queue) {',
    replace: 'if (!queue && known.length === 0) {',
    tests: [accepting],
  },
  {
    rule: 'pre-flight asks no master that is behind on what is shared',
    file: 'src/operations/preflight.ts',
    search: '[...holding, ...changing]',
    replace: '[...holding]',
    tests: [preflight],
  },
  {
    rule: 'a denied master is parked',
    file: 'src/operations/reach.ts',
    search: `const known = of(master);
      if (outcome.kind === 'denied') move(master, 'parked', outcome.reason);`,
    replace: `const known = of(master);
      if (outcome.kind === 'denied') return;`,
    tests: [sick, 'test/unit/operations/reach.test.ts'],
  },
  {
    rule: 'a foreign master is refused',
    file: 'src/operations/mark.ts',
    search: 'if (value.trim() === ours) return',
    replace: 'if (value.trim() !== "") return',
    tests: [mark],
  },
  {
    rule: 'the secrets of an operation are destroyed when it is verified',
    file: 'src/operations/verify.ts',
    search: 'verify_at: null, data_key: null, sealed: null',
    replace: 'verify_at: null',
    tests: [verify],
  },
  {
    rule: 'a reseller reaches only accounts that it owns',
    file: 'src/auth/may.ts',
    search: 'return owner === reseller || account === reseller;',
    replace: 'return true;',
    tests: [may],
  },
  {
    rule: 'a customer reaches only its own account',
    file: 'src/auth/may.ts',
    search: "return subject.kind === 'account' && subject.account === scope.account ? undefined : notYours;",
    replace: "return subject.kind === 'account' ? undefined : notYours;",
    tests: [may],
  },
  {
    rule: 'a UAPI call fails when its inner status is 0',
    file: 'src/whm/answer.ts',
    search: 'if (isOne(status)) return done(',
    replace: 'if (isOne(status) || isZero(status)) return done(',
    tests: [answer],
  },
];
