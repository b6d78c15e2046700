import type { Context, Module, Result } from '../handler.ts';
import { ok } from '../handler.ts';
import { accounts, resellers, settings } from '../tables.ts';
import { ownAccount } from './access.ts';
import { checkUsername, strengthOf } from './names.ts';

const SERVICES: readonly (readonly [name: string, label: string])[] = [
  ['cpanel_php_fpm', 'PHP-FPM service for cPanel Daemons'],
  ['cpanellogd', 'cPanel Log and Bandwidth Processor'],
  ['cphulkd', 'cPHulk Daemon'],
  ['cpsrvd', 'cPanel Daemon'],
  ['crond', 'Cron Daemon'],
  ['dnsadmin', 'cPanel DNS Admin Cache'],
  ['exim', 'Exim Mail Server'],
  ['ftpd', 'FTP Server'],
  ['httpd', 'Apache Web Server'],
  ['imap', 'IMAP Server'],
  ['lmtp', 'LMTP Server'],
  ['mysql', 'MySQL Server'],
  ['named', 'DNS Server'],
  ['pop', 'POP3 Server'],
  ['queueprocd', 'TaskQueue Processor'],
  ['rsyslogd', 'rsyslog System Logger Daemon'],
  ['spamd', 'Apache SpamAssassin'],
  ['sshd', 'SSH Daemon'],
];

function servicestatus(context: Context): Result {
  const wanted = context.params.get('service') ?? '';
  const service = SERVICES.filter(([name]) => wanted === '' || name === wanted).map(([name, display_name]) => ({
    display_name,
    enabled: 1,
    installed: 1,
    monitored: 1,
    name,
    running: 1,
  }));
  return ok({ service });
}

function listips(context: Context): Result {
  const { host, state } = context;
  const taken = new Set(
    state
      .of(accounts)
      .values()
      .filter((a) => a.dedicated)
      .map((a) => a.ip),
  );
  const own = state.of(settings).get('server')?.dedicated ?? [];
  const ip = [host.addresses[0] ?? '', ...own].map((address, index) => ({
    active: 1,
    dedicated: taken.has(address) ? 1 : 0,
    if: index === 0 ? 'eth0' : `eth0:cp${index}`,
    ip: address,
    mainaddr: index === 0 ? 1 : 0,
    netmask: '255.255.255.0',
    network: address.replace(/\d+$/u, '0'),
    public_ip: address,
    removable: index === 0 ? 0 : 1,
    used: index === 0 || taken.has(address) ? 1 : 0,
  }));
  return ok({ ip });
}

/** The shared address: a reseller may have its own. */
function get_shared_ip(context: Context): Result {
  const user = context.params.get('user') ?? context.caller.user;
  const own = context.state.of(resellers).get(user)?.mainIp;
  return ok({ ip: own ?? context.host.addresses[0] });
}

function load(): Readonly<Record<string, number>> {
  return { one: 0.17, five: 0.18, fifteen: 0.19 };
}

function strengths(context: Context): Result {
  const minimum = context.state.of(settings).get('server')?.minimumStrength ?? 0;
  const names = ['createacct', 'default', 'ftp', 'list', 'mysql', 'passwd', 'postgres', 'sshkey', 'virtual'];
  const wanted = context.params.get('name');
  const shown = wanted === undefined ? names : names.filter((name) => name === wanted);
  return ok(Object.fromEntries(shown.map((name) => [name, minimum])));
}

function setStrengths(context: Context): Result {
  const minimum = Number(context.params.get('createacct', 'default') ?? Number.NaN);
  if (Number.isInteger(minimum)) {
    context.state.of(settings).update('server', (s) => ({ ...s, minimumStrength: minimum }));
  }
  return ok();
}

function verify_new_username(context: Context): Result {
  checkUsername(context, context.params.require('user'));
  return ok();
}

function has_digest_auth(context: Context): Result {
  const account = ownAccount(context, context.params.require('user'));
  return ok({ digestauth: account.limits.digestauth ? 1 : 0 });
}

export const serverInfo: Module = {
  whm: {
    version: (context) => ok({ version: context.host.version }),
    gethostname: (context) => ok({ hostname: context.host.hostname }),
    systemloadavg: () => ok(load()),
    loadavg: () => ok(load()),
    servicestatus,
    listips,
    get_shared_ip,
    get_public_ip: (context) => ok({ public_ip: context.params.require('ip') }),
    getminimumpasswordstrengths: strengths,
    setminimumpasswordstrengths: setStrengths,
    get_password_strength: (context) => ok({ strength: strengthOf(context.params.require('password')) }),
    verify_new_username,
    has_digest_auth,
    get_maximum_users: (context) => ok({ users: context.state.of(settings).get('server')?.seats ?? 0 }),
  },
  uapi: {
    // One minimum for everything.
    'PasswdStrength::get_required_strength': ({ state }) =>
      ok({ strength: state.of(settings).get('server')?.minimumStrength ?? 0 }),
  },
};
