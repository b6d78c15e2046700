/** What cPanel has and these pages have not, with the reason: said before anybody looks for it. */
import type { CustomerPage } from '../../page.ts';

const path = '/my/websites/other';
const things = [
  ...(['wordpress', 'malware', 'plugins', 'git', 'ssh', 'htaccess', 'waf', 'cache'] as const),
  ...(['pgadmin', 'remote', 'rename', 'requests', 'dnssec', 'dynamic'] as const),
  ...([
    'forward',
    'lists',
    'greylisting',
    'encryption',
    'trace',
    'import',
    'calendars',
    'sessions',
    'archives',
  ] as const),
  ...(['language'] as const),
];

export const notOfferedPage: CustomerPage = {
  path,
  goal: 'websites',
  title: 'other.title',
  order: 90,
  area: 'websites',
  routes(to) {
    to.show(path, async ({ say }) => ({
      heading: say('other.title'),
      blocks: [
        { kind: 'text', text: say('other.what') },
        {
          kind: 'facts',
          rows: things.map((thing) => ({ label: say(`other.${thing}`), text: say(`other.${thing}.why`) })),
        },
      ],
    }));
  },
};
