import { setUpMariadb } from '../../dbsync/mariadb/setup.ts';
import { Invalid } from '../../errors.ts';
import type { Answer, DbCommand, Desk } from './model.ts';
import { panelRules } from './panel.ts';

async function run(desk: Desk): Promise<Answer> {
  const { from } = desk.flags;
  const ids = desk.servers.map((one) => one.side.id);
  const source = typeof from === 'string' ? from.toLowerCase() : undefined;
  if (source !== undefined && !ids.includes(source))
    throw new Invalid('--from is wrong.', [{ path: '--from', message: `Name ${ids.join(' or ')}.` }]);
  const dryRun = desk.flags['dry-run'] === true;
  const result = await setUpMariadb(
    {
      servers: desk.servers,
      folder: desk.folder,
      clock: desk.clock,
      panel: () => panelRules(desk),
      tell: (line) => desk.tell(line),
      agree: () => desk.agree(),
      crash: () => {},
      decides: desk.config.databases.decideConflicts,
    },
    {
      ...(source === undefined ? {} : { from: source }),
      ...(desk.flags['even-if-smaller'] === true ? { evenIfSmaller: true } : {}),
    },
    { dryRun },
  );
  const head = dryRun
    ? 'Nothing was done. Setup would:'
    : result.changed
      ? 'Done:'
      : 'The pair is set up; nothing is left to do.';
  return { json: result, text: `${[head, ...result.notes, ...(dryRun ? result.steps : [])].join('\n')}\n`, exit: 0 };
}

/** `tandem db setup`. */
export const setupCommand: DbCommand = {
  usage: 'setup [--dry-run] [--yes] [--from MASTER] [--even-if-smaller]',
  about: 'Make the MariaDB pair from whatever is there; lists what it will change and asks',
  flags: { 'dry-run': 'switch', yes: 'switch', from: 'text', 'even-if-smaller': 'switch' },
  run,
};
