import { describe, expect, it } from 'vitest';
import type { Customer } from '../../../src/auth/customers.ts';
import { inHome, reachesBelow, reachesCommand, reachesPath } from '../../../src/routes/customer/mail-reach.ts';

const owner: Customer = { account: 'bob', role: 'owner', name: 'bob' };
const builder: Customer = { account: 'bob', role: 'builder', name: 'web@agency.example', collaborator: '1' };
const reader: Customer = { ...builder, role: 'read-only' };

describe('what holds e-mail is in reach of whoever may change e-mail', () => {
  it.each([
    ['public_html', true],
    ['public_html/mail', true],
    ['mailings', true],
    ['etc.old', true],
    ['mail', false],
    ['/mail/bob.example', false],
    ['./mail', false],
    ['etc/bob.example/shadow', false],
    ['.cpanel/datastore', false],
    ['.trash/mail/x', false],
    ['backup-11.28.2026_bob.tar.gz', false],
  ])('the path %s: %s', (path, isReached) => {
    expect([reachesPath(builder, path), reachesPath(reader, path)]).toEqual([isReached, isReached]);
    expect(reachesPath(owner, path)).toBe(true);
  });

  it.each([
    ['public_html/upload', true],
    ['', false],
    ['/', false],
    ['.', false],
    ['mail', false],
    ['etc/', false],
  ])('everything below “%s”: %s', (folder, isReached) => {
    expect([reachesBelow(builder, folder), reachesBelow(owner, folder)]).toEqual([isReached, true]);
  });

  it.each([
    ['php public_html/cron.php', true],
    ['/usr/bin/php -c /etc/php.ini ~/public_html/wp-cron.php', true],
    ['php report.php | mail -s Report ann@x.example', true],
    ['cd ~/public_html && ./mailer.sh', true],
    ['cat ~/mail/bob.example/info/new/*', false],
    ['cp -r mail/ public_html/x', false],
    ['cp -r "$HOME/mail" /tmp', false],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's own
    ['cat ${HOME}/etc/bob.example/shadow', false],
    ['tar cf public_html/a.tar /home/bob/mail', false],
    ['tar cf /tmp/a.tar ~', false],
    ['zip -r public_html/all.zip /home/bob', false],
  ])('the command %s: %s', (command, isReached) => {
    expect([reachesCommand(builder, command), reachesCommand(owner, command)]).toEqual([isReached, true]);
  });

  it.each([
    ['public_html/up/', 'public_html/up'],
    ['/home/bob/mail', 'mail'],
    ['/home2/bob', ''],
    ['/home/bob/public_html/bob', 'public_html/bob'],
    ['/home/eve/mail', undefined],
    ['/var/tmp', undefined],
  ])('the folder %s in bob’s home is %s', (dir, folder) => {
    expect(inHome('bob', dir)).toBe(folder);
  });
});
