/** What customers and mailbox users do most, each as a form that is filled and what the masters must have after it. */
import type { Page } from 'playwright-core';
import { api2, uapi, type WhmCall, whm } from '../../src/whm/call.ts';
import type { Doors } from './doors.ts';

export const taskPassword = 'Right-Horse-42';
export const nextPassword = 'Another-Horse-43';

/** One account of one run: its name is also its domain's. */
export interface Run {
  readonly doors: Doors;
  readonly page: Page;
  readonly account: string;
  /** Masters that must have what every master has. */
  readonly up: readonly ('m1' | 'm2')[];
  /** The one that serves the account. */
  readonly active: 'm1' | 'm2';
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

export interface Task {
  readonly name: string;
  readonly path: (run: Run) => string;
  readonly fields: (run: Run) => Readonly<Record<string, string>>;
  /** What a master answers afterwards, or what lies in its home. */
  readonly call?: (run: Run) => WhmCall;
  readonly file?: string;
  readonly wanted: (run: Run) => string | RegExp;
  /** Of the active master alone. */
  readonly isOne?: true;
  /** A button of a page that asks once more, by the form's action. */
  readonly confirm?: string;
  /** What signs in afterwards. */
  readonly signsIn?: (run: Run) => Credentials;
}

const domain = (run: Run): string => `${run.account}.example`;
const box = (run: Run): string => `info@${domain(run)}`;
const boxPath = (run: Run): string => `mail/boxes/${encodeURIComponent(box(run))}`;
const own =
  (fn: string, params: (run: Run) => Readonly<Record<string, string>> = () => ({})) =>
  (run: Run): WhmCall =>
    uapi(run.account, fn, params(run));
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** Twenty of an account's owner, in an order in which they can be done. */
export const ownerTasks: readonly Task[] = [
  {
    name: 'a mailbox',
    path: () => 'mail/boxes',
    fields: () => ({ local: 'info', password: taskPassword, quotaMb: '250' }),
    call: own('Email::list_pops_with_disk'),
    wanted: box,
  },
  {
    name: 'its password',
    path: boxPath,
    fields: () => ({ password: nextPassword }),
    call: own('Email::verify_password', (run) => ({ email: box(run), password: nextPassword })),
    wanted: () => /^1$/,
  },
  {
    name: 'its quota',
    path: boxPath,
    fields: () => ({ quotaMb: 'unlimited' }),
    call: own('Email::get_pop_quota', (run) => ({ email: 'info', domain: domain(run) })),
    wanted: () => 'unlimited',
  },
  {
    name: 'a forwarder',
    path: () => 'mail/forwarders',
    fields: (run) => ({ local: 'sales', to: box(run) }),
    call: own('Email::list_forwarders', (run) => ({ domain: domain(run) })),
    wanted: (run) => `sales@${domain(run)}`,
  },
  {
    name: 'an autoresponder',
    path: () => 'mail/autoresponders',
    fields: () => ({ local: 'info', from: 'Bob', subject: 'Away', body: 'Back soon.' }),
    call: own('Email::get_auto_responder', (run) => ({ email: box(run) })),
    wanted: () => 'Back soon',
  },
  {
    name: 'a filter',
    path: (run) => `mail/filters/of/${encodeURIComponent(box(run))}`,
    fields: () => ({ name: 'Offers', part: '$header_subject:', value: 'offer', does: 'folder', to: 'Offers' }),
    call: own('Email::list_filters', (run) => ({ account: box(run) })),
    wanted: () => 'Offers',
  },
  {
    name: 'spam',
    path: () => 'mail/spam',
    fields: () => ({ requiredScore: '4', allow: '*@friend.example' }),
    call: own('SpamAssassin::get_user_preferences'),
    wanted: () => /friend\.example/,
  },
  {
    name: 'the default address',
    path: () => 'mail/routing',
    fields: () => ({ mode: 'discard' }),
    call: own('Email::list_default_address', (run) => ({ user: run.account, domain: domain(run) })),
    wanted: () => 'blackhole',
  },
  {
    name: 'a DNS record',
    path: (run) => `domains/zones/${domain(run)}`,
    fields: (run) => ({ name: 'blog', type: 'CNAME', data: `${domain(run)}.` }),
    confirm: 'text',
    call: (run) => whm('parse_dns_zone', { zone: domain(run) }),
    wanted: (run) => new RegExp(`${base64(`blog.${domain(run)}.`)}|${base64('blog')}`),
  },
  {
    name: 'a subdomain',
    path: () => 'domains/list',
    fields: (run) => ({ name: 'shop', parent: domain(run) }),
    call: own('DomainInfo::list_domains'),
    wanted: (run) => `shop.${domain(run)}`,
  },
  {
    name: 'a file',
    path: () => 'files/edit?folder=public_html',
    fields: () => ({ name: 'index.php', content: '<?php echo "Grüße";' }),
    file: 'public_html/index.php',
    wanted: () => 'Grüße',
    isOne: true,
  },
  {
    name: 'a database',
    path: () => 'databases',
    fields: () => ({ name: 'shop' }),
    call: own('Mysql::list_databases'),
    wanted: (run) => `${run.account}_shop`,
  },
  {
    name: 'a database user',
    path: () => 'databases/users',
    fields: () => ({ name: 'web', password: taskPassword }),
    call: own('Mysql::list_users'),
    wanted: (run) => `${run.account}_web`,
  },
  {
    name: 'access to it',
    path: (run) => `databases/one?name=${run.account}_shop`,
    fields: (run) => ({ user: `${run.account}_web`, privileges: 'ALL PRIVILEGES' }),
    call: own('Mysql::get_privileges_on_database', (run) => ({
      user: `${run.account}_web`,
      database: `${run.account}_shop`,
    })),
    wanted: () => 'ALL PRIVILEGES',
  },
  {
    name: 'a version of PHP',
    path: (run) => `websites/site?domain=${domain(run)}`,
    fields: () => ({ version: 'ea-php83' }),
    call: own('LangPHP::php_get_vhost_versions'),
    wanted: () => 'ea-php83',
  },
  {
    name: 'a cron job',
    path: () => 'websites/cron',
    fields: () => ({ command: 'php public_html/cron.php', often: 'day' }),
    call: (run) => api2(run.account, 'Cron::listcron'),
    wanted: () => 'cron.php',
    isOne: true,
  },
  {
    name: 'a redirect',
    path: () => 'websites/redirects',
    fields: () => ({ path: '/old', to: 'https://new.example/' }),
    file: 'public_html/.htaccess',
    wanted: () => /new\\?\.example/,
    isOne: true,
  },
  {
    name: 'a blocked address',
    path: () => 'websites/blocked',
    fields: () => ({ address: '192.0.2.7' }),
    file: 'public_html/.htaccess',
    wanted: () => '192.0.2.7',
    isOne: true,
  },
  {
    name: 'an FTP account',
    path: () => 'access/ftp',
    fields: () => ({ login: 'up', password: taskPassword, folder: 'public_html/up' }),
    call: own('Ftp::list_ftp'),
    wanted: (run) => `up@${domain(run)}`,
  },
  {
    name: 'the own password',
    path: () => 'own',
    fields: () => ({ password: 'Third-Horse-44-x' }),
    wanted: () => /^$/,
    signsIn: (run) => ({ name: run.account, password: 'Third-Horse-44-x' }),
  },
];

/** Five of a mailbox user; webmail has tests of its own. */
export const mailboxTasks: readonly Task[] = [
  {
    name: 'its own forwarder',
    path: () => 'mailbox/forwarders',
    fields: () => ({ to: 'ann@else.example' }),
    call: own('Email::list_forwarders', (run) => ({ domain: domain(run) })),
    wanted: () => 'ann@else.example',
  },
  {
    name: 'its own autoresponder',
    path: () => 'mailbox/autoresponder',
    fields: () => ({ from: 'Info', subject: 'Holiday', body: 'Until Monday.' }),
    call: own('Email::get_auto_responder', (run) => ({ email: box(run) })),
    wanted: () => 'Until Monday',
  },
  {
    name: 'its own filter',
    path: () => 'mailbox/filters',
    fields: () => ({ name: 'Lists', part: '$header_subject:', value: 'list', does: 'folder', to: 'Lists' }),
    call: own('Email::list_filters', (run) => ({ account: box(run) })),
    wanted: () => 'Lists',
  },
  {
    name: 'where its own spam goes',
    path: () => 'mailbox/spam',
    fields: () => ({ does: 'folder' }),
    call: own('Email::list_filters', (run) => ({ account: box(run) })),
    wanted: () => /^(?=.*X-Spam-Status).*\.Junk/,
  },
  {
    name: 'its own password',
    path: () => 'own',
    fields: () => ({ password: 'Fourth-Horse-45-x' }),
    call: own('Email::verify_password', (run) => ({ email: box(run), password: 'Fourth-Horse-45-x' })),
    wanted: () => /^1$/,
    signsIn: (run) => ({ name: box(run), password: 'Fourth-Horse-45-x' }),
  },
];
