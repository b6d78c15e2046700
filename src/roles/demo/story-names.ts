/** The names' part of the story: M1 dies, both name servers answer with M2, and what is M1's comes home through the gate. */
import { Refused } from '../../errors.ts';
import type { CommandInput } from '../../failover/control/schema.ts';
import { commandSchema } from '../../failover/control/schema.ts';
import type { Stage } from './index.ts';
import { type Names, watcherIds } from './names.ts';

/** What the story of the masters lends this one. */
export interface Hands {
  until(what: string, check: () => Promise<boolean>): Promise<void>;
  power(master: 'm1' | 'm2', on: boolean): Promise<void>;
}

const name = 'bakery.example';

async function bothAnswer(stage: Stage, names: Names, hands: Hands, master: 'm1' | 'm2'): Promise<void> {
  await hands.until(`both name servers answer ${stage.places[master]} for ${name}`, async () => {
    const heard = await Promise.all(watcherIds.map((id) => names.ask(id, name)));
    return heard.every(([address, ...more]) => address === stage.places[master] && more.length === 0);
  });
}

/** Both watchers see both masters, and their name servers have what the masters wrote. */
export async function namesAreThere(stage: Stage, names: Names, hands: Hands): Promise<void> {
  await hands.until('both watchers see both masters', async () => {
    const states = await Promise.all(watcherIds.map((id) => names.watchers[id].status(0)));
    return states.every(({ light }) => light === 'redundant');
  });
  await bothAnswer(stage, names, hands, 'm1');
}

export async function namesMove(stage: Stage, names: Names, hands: Hands): Promise<void> {
  await hands.power('m1', false);
  await bothAnswer(stage, names, hands, 'm2');
}

async function tell(names: Names, command: CommandInput): Promise<string> {
  const { exit, sentence, lines } = await names.watchers.s4.handle(commandSchema.parse(command));
  if (exit === 'done') return sentence;
  throw new Refused([sentence, ...lines].join(' '));
}

/** No files and no databases are replicated between simulated masters: a person takes those gates upon himself. */
export const overridden = ['fileLagMs', 'databaseLagMs', 'certificatesEqual'] as const;

export async function namesReturn(stage: Stage, names: Names, hands: Hands): Promise<void> {
  await hands.power('m1', true);
  let closed = '';
  await hands
    .until('the gate to M1 opens', async () => {
      const look = { command: 'prepare', by: 'demo', from: 'm1', to: 'm1', goal: 'return' } as const;
      const { data, lines } = await names.watchers.s4.handle(commandSchema.parse(look));
      closed = lines.join(' ');
      const keys: readonly unknown[] =
        typeof data === 'object' && data !== null && 'closed' in data && Array.isArray(data.closed)
          ? data.closed
          : ['?'];
      return keys.every((key) => overridden.some((one) => one === key));
    })
    .catch((cause: unknown) => {
      throw new Refused(`the gate stays closed: ${closed}`, { cause });
    });
  await tell(names, { command: 'return', by: 'demo', to: 'm1', override: [...overridden] });
  await bothAnswer(stage, names, hands, 'm1');
}
