import { z } from 'zod';
import { uapi } from '../../whm/call.ts';
import { when } from '../answers.ts';
import { define, exclusive, refused } from '../define.ts';
import * as f from '../fields.ts';
import { change } from '../plans.ts';
import { cpanelUser, worded } from '../raw.ts';
import * as seen from './seen.ts';

const params = z.strictObject({
  account: f.account().meta({ label: 'Account' }),
  domain: f.domain().meta({ label: 'Site' }),
  version: z
    .string()
    .regex(/^[a-z]{2,6}-php\d{2,3}$/, 'must be a version such as ea-php82')
    .meta({ label: 'PHP version', placeholder: 'ea-php82' }),
});

function notHere(version: string): string {
  return `PHP ${version} is not installed.`;
}

/** LangPHP::php_set_vhost_versions. Every master that can be reached must have the version, or nothing is accepted. */
export const setPhpVersion = define({
  id: 'php.version',
  title: 'Change PHP version',
  audience: ['staff', 'reseller', 'customer'],
  params,
  again: 'safe',
  reversible: true,
  covers: {
    'LangPHP::php_set_vhost_versions': worded({ names: { ...cpanelUser, version: 'version', vhost: 'domain' } }),
  },
  subject: (p) => ({ kind: 'account', account: p.account, domain: p.domain }),
  keys: (p) => [exclusive(`account:${p.account}`)],
  preflight: (p) => ({
    calls: [seen.lookAtInstalled(p.account)],
    judge(answers) {
      const installed = seen.readInstalled(answers, 0);
      if (!installed.ok) return installed.reason;
      return installed.value.includes(p.version) ? undefined : notHere(p.version);
    },
  }),
  observe: (p) => [seen.lookAtHosts(p.account), seen.lookAtInstalled(p.account)],
  read: (p, answers) => ({
    version: seen.readVersion(answers, 0, p.domain),
    installed: seen.readInstalled(answers, 1),
  }),
  plan: (p, s) =>
    when(s.installed, (versions) =>
      versions.includes(p.version)
        ? when(s.version, (found) =>
            change({
              found,
              same: (version) => version === p.version,
              call: uapi(p.account, 'LangPHP::php_set_vhost_versions', { version: p.version, vhost: p.domain }),
              absent: `The account has no site ${p.domain}.`,
            }),
          )
        : refused(notHere(p.version)),
    ),
});
