/** Choose my server. */
export const serverEn = {
  'server.title': 'My server',
  'server.preferred': 'Preferred server',
  'server.moves': 'Your site moves there by itself as soon as both copies are in step.',
  'server.away': 'Your site is not there now and goes there by itself.',
  'server.failure': 'When a server fails',
  'server.protected': 'your site goes to the other one by itself',
  'server.unprotected': 'your site waits for it: your package has no fail-over',
  'server.names': 'Names of one server',
  'server.names.what':
    'Whatever happens, these names lead to the same server. Use one when the way to the other is slow for you.',
  'server.names.empty': 'There is no domain yet.',
  'server.name': 'Name',
  'server.server': 'Server',
  'server.check': 'Your site there',
  'server.name.none': 'not made yet',
  'server.check.asking': 'being looked at',
  'server.check.answers': 'answers',
  'server.check.status': 'answers with error {status}',
  'server.check.redirects': 'sends visitors on to {name}',
  'server.check.silent': 'does not answer',
  'server.redirects':
    'Your site sends visitors on to its own name, and that leads to where it lives now. So these names do not hold them on one server.',
  'server.redirects.choose':
    'Your site sends visitors on to its own name, and that leads to where it lives now. So these names do not hold them on one server: choose the preferred one below instead.',
  'server.choice.no': 'Your package leaves it to your host on which server your site lives.',
  'server.choice.what':
    'Your site lives there as long as that server works. It moves once files and databases are in step on both; visitors notice nothing.',
  'server.choice.save': 'Let my site live there',
} as const;
