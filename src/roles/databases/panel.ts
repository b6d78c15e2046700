/** cPanel's own rules for database names, asked of each master's WHM. */
import { z } from 'zod';
import type { PanelRules } from '../../dbsync/mariadb/tested.ts';
import { messageOf } from '../../errors.ts';
import { whm } from '../../whm/call.ts';
import { openWhmClient, type WhmClient } from '../../whm/client.ts';
import type { Desk } from './model.ts';

const accounts = z.object({ acct: z.array(z.object({ user: z.string() })) });
const rules = z.object({
  mysql_config: z.object({ prefix_length: z.coerce.number(), use_db_prefix: z.coerce.number() }),
});

async function ask(client: WhmClient): Promise<PanelRules | undefined> {
  const list = await client.call(whm('listaccts', { want: 'user' }));
  if (list.kind !== 'done') throw new Error('WHM lists no accounts');
  const [first] = accounts.parse(list.data).acct;
  // A server without accounts has no rule that could differ yet.
  if (first === undefined) return undefined;
  const answer = await client.call(whm('list_mysql_databases_and_users', { user: first.user }));
  if (answer.kind !== 'done') throw new Error('WHM does not tell its database prefix');
  const found = rules.parse(answer.data).mysql_config;
  return { prefixLength: found.prefix_length, usesPrefix: found.use_db_prefix === 1 };
}

/** In the order of the pair. A WHM that does not answer is told of and does not stop a setup. */
export async function panelRules(desk: Desk): Promise<readonly (PanelRules | undefined)[]> {
  return await Promise.all(
    desk.servers.map(async ({ side }) => {
      const master = desk.config.masters.find((one) => one.id === side.id);
      if (master === undefined) return undefined;
      const client = openWhmClient(master, { log: desk.log });
      try {
        return await ask(client);
      } catch (error) {
        desk.tell(`${side.name}: cPanel's database prefix could not be read: ${messageOf(error)}`);
        return undefined;
      } finally {
        await client.close();
      }
    }),
  );
}
