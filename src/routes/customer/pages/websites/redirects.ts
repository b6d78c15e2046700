/** Redirects: lines of .htaccess, written on the active master; the copies follow. */
import { z } from 'zod';
import { lookAtRedirects, readRedirects } from '../../../../actions/redirect/seen.ts';
import type { Sheet } from '../../../portal/sheet.ts';
import { askActive } from '../../active.ts';
import { formBlock, postButton } from '../../forms.ts';
import { knownBlocks } from '../../live.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { domainNames } from '../domain-names.ts';

const path = '/my/websites/redirects';

async function sheet(visit: Visit): Promise<Sheet> {
  const { say, account } = visit;
  const known = await askActive(visit, lookAtRedirects(account), z.array(z.unknown()));
  const options = await domainNames(visit);
  return {
    heading: say('redirects.title'),
    blocks: [
      ...knownBlocks(visit, known, (raw) => {
        const list = readRedirects([{ ok: true, data: raw }]);
        const rows = list.ok ? list.value : [];
        return [
          {
            kind: 'table',
            columns: [say('redirects.from'), say('redirects.to'), say('redirects.kind'), ''],
            rows: rows.map((one) => [
              { text: `${one.domain}${one.path}${one.wildcard ? '*' : ''}`, machine: true },
              { text: one.to, machine: true },
              { text: say(one.permanent ? 'redirects.permanent' : 'redirects.temporary') },
              {
                buttons: postButton(
                  visit,
                  say('redirects.delete'),
                  `${path}/delete`,
                  { domain: one.domain, path: one.path },
                  true,
                ),
              },
            ]),
            empty: say('redirects.none'),
          },
        ];
      }),
      ...formBlock(visit, {
        action: path,
        fields: [
          { name: 'domain', label: say('redirects.domain'), input: 'select', required: true, options },
          {
            name: 'path',
            label: say('redirects.path'),
            help: say('redirects.path.help'),
            input: 'text',
            required: false,
          },
          { name: 'to', label: say('redirects.to'), input: 'text', required: true, placeholder: 'https://' },
          {
            name: 'permanent',
            label: say('redirects.permanent.long'),
            input: 'checkbox',
            required: true,
            default: true,
          },
          { name: 'wildcard', label: say('redirects.wildcard'), input: 'checkbox', required: true, default: false },
        ],
        values: { permanent: true },
        button: say('redirects.add'),
        fold: say('redirects.new'),
      }),
      { kind: 'text', text: say('redirects.where'), tone: 'meta' },
    ],
  };
}

export const redirectsPage: CustomerPage = {
  path,
  goal: 'websites',
  title: 'redirects.title',
  order: 30,
  area: 'websites',
  feature: 'redirects',
  routes(to) {
    to.show(path, sheet);
    to.act(
      path,
      (v) => {
        const { domain, path: from, to: target, permanent, wildcard } = v.body;
        const flags = { permanent: permanent === 'on', wildcard: wildcard === 'on' };
        const where = from === undefined || from === '' ? {} : { path: from };
        return v.submit('redirect.add', { account: v.account, domain, ...where, to: target, ...flags }, path);
      },
      sheet,
    );
    to.act(
      `${path}/delete`,
      (v) => v.submit('redirect.delete', { account: v.account, domain: v.body['domain'], path: v.body['path'] }, path),
      sheet,
    );
  },
};
