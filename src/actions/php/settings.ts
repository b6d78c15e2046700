import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { apply, define, exclusive, refused, settled } from '../define.ts';
import * as f from '../fields.ts';
import * as seen from './seen.ts';

const setting = z.tuple([
  z.string().regex(/^[a-z][a-z0-9_.]{1,60}$/, 'must be the name of a setting'),
  f.line(200).regex(/^[^"'`;\\]*$/, 'must not hold quotation marks, backslashes or semicolons'),
]);

/** LangPHP::php_ini_set_user_basic_directives: the settings that are given, the others stay. */
export const setPhpSettings = define({
  id: 'php.settings',
  title: 'Change PHP settings',
  audience: ['staff', 'reseller', 'customer'],
  params: z.strictObject({
    account: f.account().meta({ label: 'Account' }),
    domain: f.domain().meta({ label: 'Site' }),
    settings: z.array(setting).min(1).max(60).meta({
      label: 'Settings',
      input: 'list',
      help: 'Name and value, such as memory_limit and 256M.',
    }),
  }),
  again: 'safe',
  reversible: true,
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  observe: (p) => [seen.lookAtSettings(p.account, p.domain)],
  read: (_p, answers) => seen.readSettings(answers, 0),
  plan: (p, s) =>
    when(s, (found) => {
      const unknown = p.settings.find(([key]) => !found.has(key));
      if (unknown !== undefined) return refused(`PHP here has no setting ${unknown[0]} that may be changed.`);
      const todo = p.settings.filter(([key, value]) => found.get(key) !== value);
      if (todo.length === 0) return settled;
      return apply(
        uapi(p.account, 'LangPHP::php_ini_set_user_basic_directives', {
          type: 'vhost',
          vhost: p.domain,
          directive: todo.map(([key, value]) => `${key}:${value}`),
        }),
      );
    }),
});
