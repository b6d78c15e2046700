import { Invalid } from '../errors.ts';
import type { Actor } from '../operations/model.ts';
import { exits } from './exit.ts';
import { type Context, cliActor, type Said } from './operation-commands.ts';
import { plain } from './render.ts';

/** The master as it was typed, by id or name, in any case; what is none is left to the core to refuse. */
async function masterOf({ parts, positionals }: Context): Promise<string> {
  const typed = positionals[1] ?? '';
  const { masters } = await parts.reads.status();
  if (typed === '') {
    const ids = masters.map((m) => m.id).join(', ');
    throw new Invalid('The master is missing.', [], { hint: `Name one of: ${ids}.` });
  }
  const wanted = typed.toLowerCase();
  return masters.find((m) => m.id.toLowerCase() === wanted || m.name.toLowerCase() === wanted)?.id ?? typed;
}

async function decide(
  context: Context,
  done: string,
  change: (master: string, actor: Actor) => Promise<void>,
): Promise<Said> {
  const master = await masterOf(context);
  await change(master, cliActor(context.cli.env));
  const text = `${plain(master)} ${done} Workers hear of it within seconds. See: tandem status\n`;
  return { json: { master, resumed: true }, text, exit: exits.done };
}

/** `tandem resume MASTER`: ends its parking. */
export function resume(context: Context): Promise<Said> {
  const { operations } = context.parts;
  return decide(context, 'is no longer parked; it is looked at anew.', (master, actor) =>
    operations.resume(master, actor),
  );
}

/** `tandem adopt-master MASTER`: our mark over that of another journal. */
export function adoptMaster(context: Context): Promise<Said> {
  const { operations } = context.parts;
  return decide(context, "now carries this journal's mark.", (master, actor) => operations.adoptMaster(master, actor));
}
