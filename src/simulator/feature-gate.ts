/** Which feature of the account's list a cPanel function needs: what is switched off is refused before it runs. */
import type { AccountContext } from './handler.ts';
import { featureLists } from './tables.ts';

/** Module → feature; a function's own line counts more. Functions that only tell the state of things are not here. */
const FEATURE: Readonly<Record<string, string>> = {
  Fileman: 'filemanager',
  Mime: 'redirects',
  DirectoryPrivacy: 'webprotect',
  BlockIP: 'ipdeny',
  LangPHP: 'multiphp',
  Cron: 'cron',
  Mysql: 'mysql',
  MysqlFE: 'mysql',
  Postgresql: 'postgres',
  Ftp: 'ftpaccts',
  Backup: 'backup',
  Backups: 'backup',
  'SSL::install_ssl': 'sslinstall',
  'SSL::toggle_ssl_redirect_for_domains': 'sslinstall',
  'Stats::get_site_errors': 'errlog',
  'Stats::get_bandwidth': 'bandwidth',
  'LogManager::list_archives': 'rawlog',
};

/** What is told to everybody. */
const FREE: ReadonlySet<string> = new Set(['LangPHP::php_get_installed_versions']);

/** cPanel's sentence when the account lacks the feature of a function; undefined: it has it, or none is needed. */
export function missingFeature(
  fn: string,
  { account, state }: Pick<AccountContext, 'account' | 'state'>,
): string | undefined {
  if (FREE.has(fn)) return undefined;
  const feature = FEATURE[fn] ?? FEATURE[fn.split('::')[0] ?? ''];
  if (feature === undefined) return undefined;
  const list = state.of(featureLists).get(account.limits.featurelist);
  return list?.features[feature] === false ? `You do not have the feature “${feature}”.` : undefined;
}
