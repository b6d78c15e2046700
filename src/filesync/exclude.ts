/**
 * Patterns of what never travels, as one regular expression that JavaScript and Perl read alike, so that the program
 * that watches leaves out exactly what the agent does.
 */

/** Left out on every cPanel server; paths begin at the account ('*' is one name, '**' any number of them). */
export const cpanelExcludes: readonly string[] = [
  ...['*/tmp', '*/.cagefs', '*/.cl.selector', '*/.cpanel/caches', '*/.cpanel/datastore', '*/.cphorde', '*/.trash'],
  ...[
    '*/.ftpquota',
    '*/access-logs',
    '*/logs',
    '**/error_log',
    '**/lscache',
    '*/.lastlogin',
    '*/.spamassassin/bayes_*',
  ],
  ...['**/wp-content/cache', '**/wp-content/upgrade', '**/wp-content/wflogs', '**/sess_*'],
  ...['**/storage/framework/cache', '**/storage/framework/sessions', '**/storage/framework/views'],
  ...['**/var/cache', '**/var/session', '**/var/page_cache'],
  ...['**/.nfs*', '**/*.swp', '**/*.lock', '**/core.[0-9]*', '*/backup-*.tar.gz', '**/*.sock', 'virtfs'],
  ...['*/mail/**/tmp', '*/mail/tmp', '*/mail/**/dovecot.index*', '*/mail/**/dovecot.list.index*'],
  ...['*/mail/**/maildirsize', '*/mail/**/dovecot-acl-list', '.tandem-filesync'],
  // Dovecot's own formats, of which single files mean nothing: those mailboxes go by doveadm.
  ...['*/mail/storage', '*/mail/mailboxes', '*/mail/*/*/storage', '*/mail/*/*/mailboxes'],
];

/**
 * What Tandem's own actions write on both masters; two owners of one path would undo each other. Stands beside the
 * catalogue: mailboxes (passwd, shadow, quota), filters, autoresponders, certificates.
 */
export const ownedByActions: readonly string[] = [
  ...['*/etc/*/passwd', '*/etc/*/shadow', '*/etc/*/quota', '*/etc/passwd', '*/etc/shadow', '*/etc/quota'],
  ...['*/etc/*/*.lock', '*/etc/filter', '*/etc/filter.yaml', '*/etc/*/*/filter', '*/etc/*/*/filter.yaml'],
  ...['*/.autorespond', '*/ssl', '*/.cpanel/nvdata', '*/.cpanel/ssl', '*/.contactemail'],
];

function escaped(character: string): string {
  return /[A-Za-z0-9_/-]/.test(character) ? character : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function source(pattern: string): string {
  const parts = pattern.match(/\*\*\/|\*\*|\*|\[[0-9a-zA-Z-]+\]|./gs) ?? [];
  return parts
    .map((part) => {
      if (part === '**/') return '(?:[^/]+/)*';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      return part.length > 1 ? part : escaped(part);
    })
    .join('');
}

/** A regular expression for a path relative to its tree; a pattern covers all that is below what it names. */
export function excludeSource(patterns: readonly string[]): string {
  return patterns.length === 0 ? '(?!)' : `^(?:${patterns.map(source).join('|')})(?:/|$)`;
}
