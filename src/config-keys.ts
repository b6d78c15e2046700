import { publishKeys } from './config-publish-keys.ts';
import { watchKeys } from './config-watch-keys.ts';

/** One key of tandem.yaml. `*` in a path stands for an entry of a list; a master's is its id in the environment. */
export interface ConfigKey {
  readonly path: string;
  readonly help: string;
  /** A line that would be right. */
  readonly example: string;
  readonly secret?: true;
}

function key(path: string, help: string, example: string, secret?: true): ConfigKey {
  const name = path.split('.').at(-1) ?? path;
  return { path, help, example: `${name}: ${example}`, ...(secret === undefined ? {} : { secret }) };
}

/** Every key that a file may hold; the order is that of the documentation. */
export const configKeys: readonly ConfigKey[] = [
  key('node', 'Name of this control node, shown in leases and logs. Default: the host name.', 's3'),
  key('nodes', 'How many control nodes share the journal. More than one needs MariaDB.', '1'),
  key('stateDir', "Directory of Tandem's own files.", '/var/lib/tandem'),
  key(
    'keyFile',
    'File with the key that seals secrets; made on first start. Default: key in stateDir.',
    '/etc/tandem/key',
  ),
  key('masters', 'The cPanel servers.', '[{ id: m1, … }, { id: m2, … }]'),
  key('masters.*.id', 'Stored in the journal; never change it.', 'm1'),
  key('masters.*.name', 'Short name for people. Default: the id in capitals.', 'M1'),
  key('masters.*.site', 'The data centre it stands in.', 'dublin'),
  key('masters.*.hostname', 'Its host name, as its certificate says.', 'm1.example.com'),
  key('masters.*.address', 'Its main shared IPv4 address.', '192.0.2.10'),
  key('masters.*.connect', 'Address to dial instead of the host name.', '10.0.0.10'),
  key('masters.*.port', "WHM's port.", '2087'),
  key('masters.*.cpanelPort', "cPanel's port.", '2083'),
  key('masters.*.concurrency', 'Most calls in flight to this master.', '10'),
  key(
    'masters.*.credentials',
    'How to sign in: a user with a token or a password.',
    '{ user: root, tokenFile: m1.token }',
  ),
  key('masters.*.credentials.user', 'WHM user.', 'root'),
  key('masters.*.credentials.token', 'WHM API token.', '"0A1B2C…"', true),
  key('masters.*.credentials.tokenFile', 'File that holds the token.', '/etc/tandem/m1.token'),
  key('masters.*.credentials.password', 'Password of the user; Tandem then signs in by cookie session.', '"…"', true),
  key('masters.*.credentials.passwordFile', 'File that holds the password.', '/etc/tandem/m1.password'),
  key('masters.*.tls', 'What makes the certificate trusted: a CA or a pinned fingerprint.', '{ ca: m1-ca.pem }'),
  key('masters.*.tls.ca', 'File with the CA certificates to trust, PEM.', '/etc/tandem/m1-ca.pem'),
  key('masters.*.tls.fingerprint', 'SHA-256 fingerprint of the certificate itself.', '"AB:CD:… 32 pairs …"'),
  key(
    'masters.*.archives',
    'The way to the folder through which archives of accounts leave the master and come back. Without it none is made.',
    '{ keyFile: archive-key, knownHostsFile: known_hosts }',
  ),
  key('masters.*.archives.kind', 'ssh: with bin/on-master/tandem-archive over there. folder: a mount.', 'ssh'),
  key('masters.*.archives.user', 'User of the ssh key over there.', 'root'),
  key('masters.*.archives.port', 'Port of sshd.', '22'),
  key('masters.*.archives.keyFile', 'Private ssh key that may do this alone.', '/etc/tandem/archive-key'),
  key('masters.*.archives.knownHostsFile', "File with the master's ssh host key.", '/etc/tandem/known_hosts'),
  key('masters.*.archives.path', 'The folder here, when it is a mount.', '/mnt/m1-archives'),
  key('masters.*.archives.directory', 'The same folder as the master names it.', '/home/tandem-archives'),
  key('masters.*.mail', 'Its mail server, for webmail.', '{ imapPort: 993 }'),
  key('masters.*.mail.hostname', "Name in the mail server's certificate. Default: hostname.", 'mail.example.com'),
  key('masters.*.mail.imapPort', 'IMAP over TLS.', '993'),
  key('masters.*.mail.submissionPort', 'Submission over TLS.', '465'),
  key(
    'masters.*.mail.ca',
    'CA certificates of the mail server, PEM file. Default: those of tls.',
    '/etc/tandem/mail-ca.pem',
  ),
  key('masters.*.mail.fingerprint', "SHA-256 fingerprint of the mail server's certificate.", '"AB:CD:… 32 pairs …"'),
  key(
    'masters.*.filesync',
    'The way to the agent of file sync there. Without it Tandem knows nothing of files.',
    '{ keyFile: filesync-key, knownHostsFile: known_hosts }',
  ),
  key('masters.*.filesync.kind', 'ssh: with a key that may ask. folder: the agent runs on this machine.', 'ssh'),
  key('masters.*.filesync.host', 'Host to dial. Default: connect, else hostname.', '10.0.0.10'),
  key('masters.*.filesync.port', 'Port of sshd.', '22'),
  key('masters.*.filesync.user', 'User of the ssh key over there.', 'root'),
  key(
    'masters.*.filesync.keyFile',
    'Private ssh key that may ask the agent and nothing else.',
    '/etc/tandem/filesync-key',
  ),
  key('masters.*.filesync.knownHostsFile', "File with the master's ssh host key.", '/etc/tandem/known_hosts'),
  key('masters.*.filesync.path', "The agent's state folder, when it runs on this machine.", '/var/lib/tandem-filesync'),
  key(
    'masters.*.mariadb',
    'Its MariaDB server, as an administrator. Left out: its databases are not looked after.',
    '{ host: 10.0.0.10, user: tandem, passwordFile: m1.sql, ca: m1-sql-ca.pem }',
  ),
  key('masters.*.mariadb.socket', 'Socket file, when Tandem runs on the master itself.', '/run/mysqld/mysqld.sock'),
  key('masters.*.mariadb.host', 'Address of the server; the connection is always encrypted.', '10.0.0.10'),
  key('masters.*.mariadb.port', 'Its port.', '3306'),
  key('masters.*.mariadb.user', 'Administrator, with all privileges.', 'tandem'),
  key('masters.*.mariadb.password', "The administrator's password.", '"…"', true),
  key('masters.*.mariadb.passwordFile', 'File that holds it.', '/etc/tandem/m1.sql'),
  key('masters.*.mariadb.ca', "File with the CA of the server's certificate, PEM.", '/etc/tandem/m1-sql-ca.pem'),
  key('masters.*.mariadb.peerHost', 'Where the other master reaches it. Default: host.', '192.0.2.10'),
  key('masters.*.mariadb.peerPort', 'And at which port. Default: port.', '3306'),
  key('masters.*.mariadb.from', "Where its own replication comes from. Default: the master's address.", '192.0.2.10'),
  key(
    'masters.*.mariadb.configure',
    'Program that takes a tar archive on its standard input, unpacks it into directory and restarts MariaDB.',
    '[ssh, -T, tandem@10.0.0.10]',
  ),
  key('masters.*.mariadb.files', 'Program that copies one database as files (docs/databases.md).', '[ssh, -T, m1-sql]'),
  key('masters.*.mariadb.directory', "Folder that MariaDB's configuration includes.", '/etc/my.cnf.d/tandem'),
  key(
    'masters.*.postgres',
    'Its PostgreSQL server, as a superuser. Left out: its PostgreSQL databases are not looked after.',
    '{ host: 10.0.0.10, user: tandem, passwordFile: m1.pg, ca: m1-pg-ca.pem }',
  ),
  key('masters.*.postgres.socket', 'Folder of its socket, when Tandem runs on the master itself.', '/run/postgresql'),
  key('masters.*.postgres.host', 'Address of the server; the connection is always encrypted.', '10.0.0.10'),
  key('masters.*.postgres.port', 'Its port.', '5432'),
  key('masters.*.postgres.user', 'A superuser.', 'tandem'),
  key('masters.*.postgres.password', "The superuser's password.", '"…"', true),
  key('masters.*.postgres.passwordFile', 'File that holds it.', '/etc/tandem/m1.pg'),
  key('masters.*.postgres.ca', "File with the CA of the server's certificate, PEM.", '/etc/tandem/m1-pg-ca.pem'),
  key('masters.*.postgres.restart', 'Program that restarts PostgreSQL.', '[ssh, -T, tandem@10.0.0.10]'),
  key(
    'addressPairs',
    'Addresses that stand for each other.',
    '[{ use: dedicated, addresses: { m1: 192.0.2.11, m2: 198.51.100.11 } }]',
  ),
  key('ownNames', 'Whether every domain gets www1 and www2, which stay on their server at a switch.', 'true'),
  key('journal', 'Where operations are recorded.', '{ kind: sqlite }'),
  key('journal.kind', 'sqlite: one control node. mariadb: one or more.', 'sqlite'),
  key('journal.file', 'SQLite file. Default: journal.sqlite in stateDir.', '/var/lib/tandem/journal.sqlite'),
  key('journal.host', 'MariaDB host.', '10.0.0.3'),
  key('journal.port', 'MariaDB port.', '3306'),
  key('journal.user', 'MariaDB user.', 'tandem'),
  key('journal.password', 'Password of the MariaDB user.', '"…"', true),
  key('journal.passwordFile', 'File that holds it.', '/etc/tandem/journal.password'),
  key('journal.database', 'MariaDB database.', 'tandem'),
  key('journal.ca', 'File with the CA of the MariaDB server, PEM; switches TLS on.', '/etc/tandem/journal-ca.pem'),
  key('redis', 'The alarm clock. Nothing is lost when it loses everything.', '{ kind: embedded }'),
  key('redis.kind', 'embedded: Tandem starts its own redis-server. url: an existing one.', 'embedded'),
  key('redis.url', 'Address of an existing Redis.', 'redis://127.0.0.1:6379', true),
  key('databases.lagWarnSeconds', 'Databases that are further behind are warned of.', '30'),
  key('databases.lagGateSeconds', 'A switch back waits until databases are no further behind.', '5'),
  key('databases.decideConflicts', 'MariaDB conflicts are decided before they are applied.', 'true'),
  key('databases.postgresMost', 'So many PostgreSQL databases can be carried; the next one is refused.', '100'),
  key(
    'databases.postgresKeepMegabytes',
    'So much log a PostgreSQL server keeps for the other one while that is away; then it must be copied anew.',
    '20000',
  ),
  key('portal.host', 'Address that the staff portal listens on.', '0.0.0.0'),
  key('portal.port', 'Port of the staff portal.', '8443'),
  key(
    'portal.url',
    'Where people reach the portal: for links in mails, and for passkeys.',
    'https://tandem.example.com',
  ),
  key('portal.requireSecondFactor', 'Nobody gets on before a second factor is set up.', 'true'),
  key(
    'portal.undoSeconds',
    'How long staff can undo what can be put back, before anything is sent. 0: it begins at once.',
    '10',
  ),
  key('passthrough.host', 'Address that stands in for WHM and cPanel.', '0.0.0.0'),
  key('passthrough.whmPort', 'Port that stands in for WHM.', '2087'),
  key('passthrough.cpanelPort', 'Port that stands in for cPanel.', '2083'),
  key('webmail', 'Webmail by Roundcube for mailbox users. Left out: there is none.', '{ php: /run/php/…, … }'),
  key('webmail.host', 'Address that webmail listens on. Default: passthrough.host.', '0.0.0.0'),
  key('webmail.port', "Port of webmail: cPanel's own, and never the portal's.", '2096'),
  key('webmail.php', 'Socket of the PHP pool that runs Roundcube.', '/run/php/tandem-webmail.sock'),
  key('webmail.entry', "Tandem's packaging/webmail/index.php, where PHP sees it elsewhere.", '/opt/webmail/index.php'),
  key('webmail.assets', "Roundcube's styles and scripts.", '/var/lib/roundcube/public_html'),
  key('webmail.masterUser', "Dovecot's master user on the masters.", 'tandem'),
  key('webmail.masterPassword', 'Its password.', '"…"', true),
  key('webmail.masterPasswordFile', 'File that holds it.', '/etc/tandem/mail-master.password'),
  key(
    'serviceNames',
    'Answers autoconfig., autodiscover., webmail., cpanel. and the like of customers’ domains. Left out: nobody does.',
    '{ url: https://my.example.com:2083 }',
  ),
  key('serviceNames.host', 'Address that answers them over plain HTTP, as mail programs first ask.', '0.0.0.0'),
  key('serviceNames.port', 'Its port.', '80'),
  key('serviceNames.url', 'Where customers reach the self-service.', 'https://my.example.com:2083'),
  key('metrics.host', 'Address of the metrics page.', '127.0.0.1'),
  key('metrics.port', 'Port of the metrics page.', '9464'),
  key('tls', "The doors' own certificate.", '{ kind: self-signed }'),
  key('tls.kind', 'self-signed: made on first start. files: your own.', 'self-signed'),
  key('tls.cert', 'Certificate chain, PEM file.', '/etc/tandem/portal.crt'),
  key('tls.key', 'Private key, PEM file.', '/etc/tandem/portal.key'),
  key('uidRange.from', 'First uid reserved on all masters for accounts that Tandem creates.', '200000'),
  key('uidRange.to', 'Last such uid.', '299999'),
  key(
    'worker.standby',
    'Whether tandem worker keeps a second process, asleep, that takes over when the first one dies: 150 MB more memory.',
    'true',
  ),
  key('timing.leaseMs', 'A worker that is silent for so long has lost its work to another.', '15000'),
  key('timing.sweepMs', 'How often the journal is searched for forgotten work.', '2000'),
  key('timing.pollMs', 'How often the journal is asked for work while Redis is away.', '250'),
  key('timing.leadDoubtSeconds', 'After so long in doubt another master may lead.', '60'),
  key('timing.longestSeconds', 'Overrides how long a doubtful call may still take effect. For demos and tests.', '2'),
  key('timing.probeMs', 'How often an unreachable master is probed.', '1000'),
  key('timing.verifyAfterMs', 'How long after an operation the masters are compared.', '5000'),
  key('timing.waitSeconds', 'How long a passthrough call waits for its outcome.', '25'),
  key('timing.maxDoubts', 'After so many doubtful tries a person is asked.', '5'),
  key('timing.backoffMs.first', 'First pause before a retry.', '1000'),
  key('timing.backoffMs.most', 'Longest pause before a retry.', '300000'),
  key('archives.keepDays', 'So long an archive of a terminated account is kept.', '30'),
  key('archives.mostGb', 'All archives of this node together.', '200'),
  key('archives.minFreeGb', 'What must stay free on the disk of stateDir.', '2'),
  key('archives.giveUpMinutes', 'An archive that takes longer has failed.', '360'),
  key(
    'drift.nightlyAt',
    'When the masters are compared each night, UTC; off: only when asked and after outages.',
    '"02:30"',
  ),
  key('drift.accountsPerBatch', 'Accounts that are read together, with a few calls to each master.', '220'),
  key('drift.restPercent', 'Pause after each batch, in percent of the time that the master took for it.', '100'),
  key('drift.recheckMs', 'A difference is looked at once more after this long before it is told.', '3000'),
  key('drift.everyMs', 'How often a worker looks whether a comparison is due.', '5000'),
  key('drift.certificatesEveryMs', 'How often certificates are compared.', '3600000'),
  key('drift.mostRepairs', 'More repairs in one go need a second word.', '50'),
  key('drift.mostRemovals', 'More removals in one go need a second word.', '10'),
  key(
    'notify',
    'Who is warned of trouble, and by which ways. Without it nobody is.',
    '{ contacts: [{ name: ana, … }] }',
  ),
  key(
    'notify.sms',
    'Ways for text messages; the first that takes one wins.',
    '[{ kind: twilio, … }, { kind: smstools }]',
  ),
  key('notify.sms.*.kind', "twilio: Twilio's API or one that copies it. smstools: an own modem's spool.", 'twilio'),
  key(
    'notify.sms.*.url',
    'Where messages are posted.',
    'https://sms.example.com/2010-04-01/Accounts/AC1/Messages.json',
  ),
  key('notify.sms.*.account', "The gateway's account id.", 'AC1'),
  key('notify.sms.*.tokenFile', 'File that holds its token.', '/etc/tandem/sms.token'),
  key('notify.sms.*.from', 'The sender that receivers see.', '"+4930123456"'),
  key(
    'notify.sms.*.callback',
    'Where the gateway reports lost messages: the portal.',
    'https://tandem.example.com/notify/sms',
  ),
  key('notify.sms.*.spool', "smstools' outgoing folder.", '/var/spool/sms/outgoing'),
  key('notify.smtp', 'The mail server that takes warnings.', '{ host: mail.example.com, from: tandem@example.com }'),
  key('notify.smtp.host', 'Its name.', 'mail.example.com'),
  key('notify.smtp.port', 'Its port.', '587'),
  key('notify.smtp.security', 'tls from the first byte, starttls demanded, or none.', 'starttls'),
  key('notify.smtp.user', 'User to sign in as.', 'tandem'),
  key('notify.smtp.passwordFile', 'File that holds the password.', '/etc/tandem/smtp.password'),
  key('notify.smtp.from', 'The sender.', '"Tandem <tandem@example.com>"'),
  key('notify.smtp.ca', 'File with a CA to trust for it, PEM.', '/etc/tandem/mail-ca.pem'),
  key('notify.contacts', 'Who is warned.', '[{ name: ana, sms: "+4915112345678" }]'),
  key('notify.contacts.*.name', 'Short name, for `tandem notify`.', 'ana'),
  key('notify.contacts.*.sms', 'Telephone number with country.', '"+4915112345678"'),
  key('notify.contacts.*.email', 'E-mail address.', 'ana@example.com'),
  key('notify.contacts.*.webhook.url', 'Where JSON is posted.', 'https://hooks.example.com/tandem'),
  key('notify.contacts.*.webhook.secretFile', 'File with the secret that signs it.', '/etc/tandem/hook.secret'),
  key('notify.contacts.*.least', 'info, warning or critical: what is less is not told.', 'warning'),
  key('notify.contacts.*.afterMinutes', 'Told only of what nobody has acknowledged for so long.', '10'),
  key('notify.contacts.*.quiet.from', 'In these hours only what is critical is told.', '"22:00"'),
  key('notify.contacts.*.quiet.to', 'Their end.', '"07:00"'),
  key('notify.contacts.*.quiet.zone', "The contact's time zone.", 'Europe/Berlin'),
  key('notify.repeat.everyMinutes', 'How often what nobody acknowledged is told again.', '5'),
  key('notify.repeat.most', 'At most so many messages for one event to one contact and way.', '12'),
  key(
    'crashAt',
    'For tests: the process kills itself at this point (`tandem crash-points` lists them).',
    'note-sent.after',
  ),
  key('log.level', 'fatal, error, warn, info, debug, trace or silent.', 'info'),
  ...[...watchKeys, ...publishKeys].map(([path, help, example]) => key(path, help, example)),
];

const byPath = new Map(configKeys.map((one) => [one.path, one]));

/** The entry of a path with list positions in it: ['masters', 0, 'port'] finds 'masters.*.port'. */
export function configKey(path: readonly PropertyKey[]): ConfigKey | undefined {
  return byPath.get(path.map((part) => (typeof part === 'number' ? '*' : String(part))).join('.'));
}

/** Names directly below a path, for the message about an unknown key. */
export function keysBelow(path: readonly PropertyKey[]): readonly string[] {
  const prefix = path.map((part) => `${typeof part === 'number' ? '*' : String(part)}.`).join('');
  const names = configKeys.filter((one) => one.path.startsWith(prefix)).map((one) => one.path.slice(prefix.length));
  return [...new Set(names.map((name) => name.split('.')[0] ?? name))].filter((name) => name !== '*');
}

/** 'timing.leaseMs' → 'TANDEM_TIMING_LEASE_MS'; a master's '*' stays. */
export function environmentName(path: string): string {
  const snake = path.replace(/[A-Z]/g, (letter) => `_${letter}`).replaceAll('.', '_');
  return `TANDEM_${snake.toUpperCase()}`;
}
