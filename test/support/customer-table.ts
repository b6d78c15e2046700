/**
 * What of cPanel a customer finds here: docs/customers.md, made from the catalogue, the function table and the pages.
 * Written anew by `npm run docs:customers`; a test says when it is not current.
 */
import { actionOf } from '../../src/actions/index.ts';
import { ownWebmailPage } from '../../src/routes/customer/pages/webmail.ts';
import { ownCustomerPages, postgresPages } from '../../src/routes/customer/pages.ts';
import { sayIn } from '../../src/routes/customer/texts/index.ts';
import { functions } from '../../src/whm/functions/index.ts';
import { type Feature, features } from './customer-features.ts';

const words: Readonly<Record<string, string>> = {
  read: 'read',
  merge: 'all servers, merged',
  'fan-out': 'all servers',
  active: 'active server',
  named: 'one server',
  session: 'session',
  tandem: 'Tandem',
};

function howOf(name: string): string {
  const action = actionOf(name);
  if (action !== undefined) return action.where === 'active' ? 'active server' : 'all servers';
  const entry = functions.get('uapi', name) ?? functions.get('whm', name);
  if (entry === undefined) throw new Error(`${name} is neither an action nor a function`);
  return words[entry.treatment] ?? entry.treatment;
}

function titleOf(path: string): string {
  const page = [...ownCustomerPages, ...postgresPages, ownWebmailPage].find((one) => one.path === path);
  if (page === undefined) throw new Error(`there is no page ${path}`);
  const say = sayIn('en');
  const [goal, title] = [say(`goal.${page.goal}`), say(page.title)];
  return goal === title ? goal : `${goal}: ${title}`;
}

function rowOf({ feature, there, page, by, differs }: Feature): string {
  const spread = [...new Set(by.map(howOf))].join(', ');
  const names = by.map((name) => `\`${name}\``).join(' ');
  return `| ${feature} | ${there} | ${page === undefined ? '–' : titleOf(page)} | ${spread || '–'} | ${names || '–'} | ${differs} |`;
}

/** The part of docs/customers.md between its two marks. */
export function customerTable(): string {
  return ([1, 2, 3] as const)
    .map((tier) => {
      const rows = features.filter((one) => one.tier === tier).map(rowOf);
      const head = '| Feature | cPanel’s page | Page here | Where | By | What differs |\n|---|---|---|---|---|---|';
      return `### Tier ${tier}\n\n${head}\n${rows.join('\n')}`;
    })
    .join('\n\n');
}

const marks = ['<!-- made by npm run docs:customers -->', '<!-- end -->'] as const;

/** The document with its table as it should be. Throws when the marks are gone. */
export function withTable(text: string): string {
  const [from, to] = marks.map((mark) => text.indexOf(mark));
  if (from === undefined || to === undefined || from < 0 || to < from) throw new Error('the marks are gone');
  return `${text.slice(0, from + marks[0].length)}\n\n${customerTable()}\n\n${text.slice(to)}`;
}
