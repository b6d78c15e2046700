/** Moving and copying: the same look, and nearly the same plan. */
import { z } from 'zod';
import type { Answer } from '../../whm/outcome.ts';
import { type Readable, when } from '../answers.ts';
import { apply, define, type Place, type Plan, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: seen.accountField,
  folder: seen.folderField,
  names: seen.namesField,
  to: f.homePath().meta({ label: 'To folder', placeholder: 'public_html/old' }),
});

type Params = z.output<typeof params>;

interface Both {
  readonly source: Readable<ReadonlySet<string>>;
  readonly target: Readable<ReadonlySet<string>>;
}

function look(p: Params) {
  return [seen.lookAtFolder(p.account, p.folder), seen.lookAtFolder(p.account, p.to)];
}

function readBoth(_p: Params, answers: readonly Answer[]): Both {
  return { source: seen.readFolder(answers, 0), target: seen.readFolder(answers, 1) };
}

/** Into itself: cPanel would copy without an end, or lose what is moved. */
function intoItself({ folder, names, to }: Params): string | undefined {
  return names.find((name) => `${to}/`.startsWith(`${seen.below(folder, name)}/`));
}

function call(p: Params, op: 'move' | 'copy', names: readonly string[]): Plan {
  const from = names.map((name) => seen.below(p.folder, name));
  const to = names.map((name) => seen.below(p.to, name));
  return apply(seen.fileop(p.account, op, from, to));
}

function carry(op: 'move' | 'copy', p: Params, { source, target }: Both, place: Place): Plan {
  const itself = intoItself(p);
  if (itself !== undefined) return refused(`“${itself}” cannot be put into itself.`);
  return when(source, (from) =>
    when(target, (to) => {
      const isDone = (name: string): boolean => place.sent && to.has(name) && (op === 'copy' || !from.has(name));
      const todo = p.names.filter((name) => !isDone(name));
      if (todo.length === 0) return settled;
      const missing = todo.find((name) => !from.has(name));
      if (missing !== undefined) return seen.noSuch(missing);
      const taken = todo.find((name) => to.has(name));
      return taken === undefined ? call(p, op, todo) : seen.isThere(taken);
    }),
  );
}

/** fileop move. What is there already is never replaced. */
export const moveFiles = define({
  ...seen.onHome,
  id: 'file.move',
  title: 'Move files',
  params,
  again: 'read back',
  observe: look,
  read: readBoth,
  plan: (p, both, place) => carry('move', p, both, place),
});

/** fileop copy. What is there already is never replaced. */
export const copyFiles = define({
  ...seen.onHome,
  id: 'file.copy',
  title: 'Copy files',
  params,
  again: 'read back',
  observe: look,
  read: readBoth,
  plan: (p, both, place) => carry('copy', p, both, place),
  longestSeconds: 300,
});
