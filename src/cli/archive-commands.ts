/** `tandem archive list|show|restore`: the trash of terminated accounts. */
import type { ArchiveView } from '../archives/index.ts';
import { Invalid, NotFound } from '../errors.ts';
import { exits } from './exit.ts';
import { type Context, cliActor, follow, type Said } from './operation-commands.ts';
import { plain, table } from './render.ts';

function day(text: string | undefined): string {
  return text === undefined ? '' : text.slice(0, 16).replace('T', ' ');
}

function size(archive: ArchiveView): string {
  return archive.bytes === undefined ? '' : `${Math.ceil(archive.bytes / 1_048_576)} MB`;
}

export async function archiveList({ parts, values }: Context): Promise<Said> {
  const all = await parts.archives.list();
  const { account } = values;
  const archives = all.filter((one) => account === undefined || one.account === account);
  const rows = archives.map((one) => [
    one.id,
    one.account,
    one.state,
    one.master,
    size(one),
    day(one.begunAt),
    day(one.expiresAt),
  ]);
  const text = table(['ID', 'ACCOUNT', 'STATE', 'FROM', 'SIZE', 'MADE', 'KEPT UNTIL'], rows);
  return { json: { archives }, text, exit: exits.done };
}

async function wanted({ parts, positionals }: Context): Promise<ArchiveView> {
  const id = positionals[2];
  if (id === undefined) throw new Invalid('The archive ID is missing.', [], { hint: 'tandem archive list' });
  const found = await parts.archives.get(id);
  if (found === undefined) throw new NotFound(`There is no archive ${id.slice(0, 40)}.`);
  return found;
}

export async function archiveShow(context: Context): Promise<Said> {
  const found = await wanted(context);
  const rows = Object.entries(found).map(([name, value]) => [
    name,
    plain(typeof value === 'string' ? value : JSON.stringify(value)),
  ]);
  return { json: found, text: table(['ARCHIVE', found.id], rows), exit: exits.done };
}

/** Accepts the action of the same name, and waits like every other change. */
export async function archiveRestore(context: Context): Promise<Said> {
  const found = await wanted(context);
  const accepted = await context.parts.operations.accept({
    action: 'account.restore',
    params: { account: found.account, archive: found.id },
    actor: cliActor(context.cli.env),
    door: 'cli',
  });
  return follow(context, accepted);
}
