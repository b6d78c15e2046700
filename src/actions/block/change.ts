import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { define } from '../define.ts';
import { onHome } from '../file/seen.ts';
import { create, remove } from '../plans.ts';
import * as seen from './seen.ts';

const params = z.strictObject(seen.blockFields);

/** BlockIP::add_ip: a line of .htaccess, so only the active master is told. */
export const blockAddress = define({
  ...onHome,
  id: 'block.add',
  title: 'Block address',
  params,
  again: 'read back',
  reversible: true,
  observe: (p) => [seen.lookAtBlocked(p.account)],
  read: (_p, answers) => seen.readBlocked(answers),
  plan: (p, blocked, place) =>
    create(place, {
      found: blocked.find((one) => one === p.address),
      same: () => true,
      call: uapi(p.account, 'BlockIP::add_ip', { ip: p.address }),
      exists: `${p.address} is blocked already.`,
    }),
});

/** BlockIP::remove_ip. */
export const unblockAddress = define({
  ...onHome,
  id: 'block.delete',
  title: 'Unblock address',
  params,
  again: 'read back',
  reversible: true,
  observe: (p) => [seen.lookAtBlocked(p.account)],
  read: (_p, answers) => seen.readBlocked(answers),
  plan: (p, blocked, place) =>
    remove(place, {
      found: blocked.includes(p.address),
      call: uapi(p.account, 'BlockIP::remove_ip', { ip: p.address }),
      absent: `${p.address} is not blocked.`,
    }),
});
