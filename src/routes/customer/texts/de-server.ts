import type { serverEn } from './en-server.ts';

/** Meinen Server wählen. */
export const serverDe: Readonly<Record<keyof typeof serverEn, string>> = {
  'server.title': 'Mein Server',
  'server.preferred': 'Bevorzugter Server',
  'server.moves': 'Ihre Website zieht von selbst dorthin um, sobald beide Kopien gleichauf sind.',
  'server.away': 'Ihre Website ist gerade nicht dort und zieht von selbst dorthin.',
  'server.failure': 'Wenn ein Server ausfällt',
  'server.protected': 'wechselt Ihre Website von selbst auf den anderen',
  'server.unprotected': 'wartet Ihre Website auf ihn: Ihr Paket enthält keine Ausfallsicherung',
  'server.names': 'Namen eines Servers',
  'server.names.what':
    'Diese Namen führen immer zum selben Server, was auch geschieht. Nehmen Sie einen davon, wenn der Weg zum anderen für Sie langsam ist.',
  'server.names.empty': 'Es gibt noch keine Domain.',
  'server.name': 'Name',
  'server.server': 'Server',
  'server.check': 'Ihre Website dort',
  'server.name.none': 'noch nicht eingerichtet',
  'server.check.asking': 'wird angesehen',
  'server.check.answers': 'antwortet',
  'server.check.status': 'antwortet mit Fehler {status}',
  'server.check.redirects': 'schickt Besucher weiter zu {name}',
  'server.check.silent': 'antwortet nicht',
  'server.redirects':
    'Ihre Website schickt Besucher zu ihrem eigenen Namen weiter, und der führt dorthin, wo sie gerade liegt. Diese Namen halten sie also nicht auf einem Server.',
  'server.redirects.choose':
    'Ihre Website schickt Besucher zu ihrem eigenen Namen weiter, und der führt dorthin, wo sie gerade liegt. Diese Namen halten sie also nicht auf einem Server: Wählen Sie stattdessen unten den bevorzugten.',
  'server.choice.no': 'In Ihrem Paket bestimmt Ihr Anbieter, auf welchem Server Ihre Website liegt.',
  'server.choice.what':
    'Dort liegt Ihre Website, solange dieser Server arbeitet. Sie zieht um, sobald Dateien und Datenbanken auf beiden gleich sind; Besucher merken nichts davon.',
  'server.choice.save': 'Website dorthin legen',
};
