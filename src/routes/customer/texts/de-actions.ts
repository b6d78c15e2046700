import type { actionsEn } from './en-actions.ts';

/** Actions as they stand in an account's activity, in German. */
export const actionsDe: Readonly<Record<keyof typeof actionsEn, string>> = {
  'action.file.save': 'Datei gespeichert',
  'action.file.add-folder': 'Ordner angelegt',
  'action.file.rename': 'Datei umbenannt',
  'action.file.move': 'Dateien verschoben',
  'action.file.copy': 'Dateien kopiert',
  'action.file.compress': 'Dateien gepackt',
  'action.file.extract': 'Archiv entpackt',
  'action.file.permissions': 'Rechte geändert',
  'action.file.delete': 'Dateien gelöscht',
  'action.https.force': 'HTTPS erzwungen oder nicht mehr',
  'action.certificate.check': 'Zertifikate geprüft',
  'action.php.version': 'PHP-Version geändert',
  'action.php.settings': 'PHP-Einstellungen geändert',
  'action.cron.set': 'Cron-Aufgaben geändert',
  'action.redirect.add': 'Umleitung angelegt',
  'action.redirect.delete': 'Umleitung gelöscht',
  'action.privacy.set': 'Ordner geschützt oder freigegeben',
  'action.privacy-user.set': 'Benutzer eines Ordners gesetzt',
  'action.privacy-user.delete': 'Benutzer eines Ordners gelöscht',
  'action.block.add': 'Adresse ausgesperrt',
  'action.block.delete': 'Adresse wieder zugelassen',
  'action.backup.make': 'Sicherung gemacht',
  'action.backup.restore-files': 'Dateien zurückgeholt',
};
