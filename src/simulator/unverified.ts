/**
 * What the simulator answers without a source that settles it: shapes and texts to be compared with a real server.
 * One line each; `tandem verify` says which of them it checks.
 */
export interface Unverified {
  /** Stays the same when the words change. */
  readonly id: string;
  readonly api: 'whm' | 'whm-0' | 'uapi' | 'api2' | 'api1' | 'xml' | 'login';
  /** The function; '*' for all of its API. */
  readonly fn: string;
  /** What is answered here. */
  readonly what: string;
  /** Why it is not sure. */
  readonly why: string;
}

const none = 'no source found';
const analogy = 'by analogy with the JSON answer';
const text = 'the text has no clean source';

type Line = readonly [id: string, api: Unverified['api'], fn: string, what: string, why: string];

const LINES: readonly Line[] = [
  ['xml.v1-failure', 'xml', '*', 'API 1 failure: metadata with result 0 and no data element', analogy],
  ['xml.denied', 'xml', '*', 'wrong credentials: 403 with a cpanelresult document', analogy],
  ['xml.empty-list', 'xml', '*', 'an empty list at the top of an answer has no element', none],
  ['xml.type', 'xml', '*', 'content type text/xml', 'common knowledge'],
  ['xml.uapi', 'xml', 'cpanel', 'UAPI (apiversion 3) has cpanelresult as root', none],
  ['xml.unknown', 'xml', '*', 'unknown function in API 0: its name as root, one element error', analogy],
  ['whm-0.missing-acl', 'whm-0', '*', 'missing privilege: the sentence of API 1 in the function’s own shape', none],
  ['whm-0.installssl', 'whm-0', 'installssl', 'its fields in result[0]', none],
  ['whm.missing-acl', 'whm', '*', 'no quotes and no full stop around the function in the sentence', 'from a note'],
  ['whm.chunk', 'whm', '*', 'metadata.chunk only with api.chunk.verbose; start counts from 1', 'not recorded'],
  ['whm.filter', 'whm', '*', 'several filters must all fit; text is compared without case', 'not recorded'],
  ['whm.listaccts.none', 'whm', 'listaccts', 'nothing found: result 0 from 11.136, an empty list before', 'one server'],
  ['whm.matchpkgs', 'whm', 'matchpkgs', 'pkg is a list as in listpkgs', 'declared as one hash'],
  ['whm.massmodifyacct', 'whm', 'massmodifyacct', 'one failed account leaves the outer result at 1', none],
  ['whm.forcepasswordchange', 'whm', 'forcepasswordchange', 'texts of failures', text],
  [
    'whm.setresellerips',
    'whm',
    'setresellerips',
    'all is 1 and ip holds every address without delegation',
    'declared fields only',
  ],
  [
    'whm.createacct.dmarc',
    'whm',
    'createacct',
    'no DMARC record unless dmarc=1; default record v=DMARC1; p=none;',
    none,
  ],
  ['whm.installssl.failure', 'whm', 'installssl', 'texts of wrong certificate, key and domain', text],
  ['whm.fetchsslinfo.none', 'whm', 'fetchsslinfo', 'nothing found: result 0', none],
  ['whm.delete_ssl_vhost', 'whm', 'delete_ssl_vhost', 'output and removed_vhost_data', 'declared fields only'],
  ['whm.get_tweaksetting.unknown', 'whm', 'get_tweaksetting', 'unknown key: result 0, Invalid key', text],
  ['whm.seats', 'whm', 'createacct', 'licence full: result 0 and a sentence', text],
  ['whm.reseller-limits', 'whm', 'createacct', 'sentences of reseller limits', text],
  [
    'whm.cphulk.locked',
    'login',
    '*',
    'locked out: 403 Access denied on API paths, invalid_login at /login',
    'described, not recorded',
  ],
  [
    'whm.cphulk.texts',
    'whm',
    'get_cphulk_brutes',
    'notes and rows of locked addresses and users',
    'declared fields only',
  ],
  [
    'login.code',
    'login',
    '/login',
    'a code is asked for with status 200 and an HTML page, also with login_only=1',
    'clients only look for tfa_login_form',
  ],
  ['login.code-wrong', 'login', '/login', 'a wrong code answers as a wrong password', none],
  ['login.suspended', 'login', '*', 'a suspended reseller’s token is denied', none],
  ['whm.tfa.texts', 'whm', 'twofactorauth_set_tfa_config', 'texts of a wrong code and of a policy that is off', text],
  ['api1.order', 'api1', '*', 'the order of positional arguments of Email and SubDomain', 'common knowledge'],
  [
    'api1.unknown',
    'api1',
    '*',
    'unknown function: event.result 0 with Undefined subroutine',
    'the text changed with 11.44',
  ],
  ['api2.cron.invalid', 'api2', 'Cron::add_line', 'a time that is none: status 0 and a sentence', text],
  ['api2.cron.missing', 'api2', 'Cron::remove_line', 'no such job: status 0 and a sentence', text],
  [
    'api2.cron.fetchcron',
    'api2',
    'Cron::fetchcron',
    'rows of variables and commands; numbering of line',
    'one client’s test',
  ],
  ['api2.backups', 'api2', 'Backups::listfullbackups', 'status inprogress while it is made', 'from a list of values'],
  ['api2.ssl', 'api2', 'SSL::listcrts', 'fields beside host', 'changed after 11.36'],
  ['api2.fetchcabundle', 'api2', 'SSL::fetchcabundle', 'no bundle: null', none],
  ['api2.feature-off', 'api2', '*', 'not simulated: a feature that is off', none],
  ['api2.mysql-success', 'api2', 'MysqlFE::createdb', 'success has no rows', none],
  ['api2.mysql-failure', 'api2', 'MysqlFE::createdb', 'a database that exists: its sentence', none],
  ['api2.zone-reset', 'api2', 'ZoneEdit::resetzone', 'shape of the other writers', 'by analogy'],
  [
    'api2.generated-domains',
    'api2',
    'ZoneEdit::fetch_cpanel_generated_domains',
    'rows with domain alone',
    'one client',
  ],
  ['api2.delforward', 'api2', 'Email::delforward', 'shape of success', none],
  ['api2.passwd-wrong', 'api2', 'Passwd::change_password', 'sentence of a wrong old password', none],
  ['api2.change-docroot', 'api2', 'SubDomain::changedocroot', 'not simulated', none],
  ['uapi.paginate', 'uapi', '*', 'metadata.paginate as in API 2', 'not recorded'],
  ['uapi.lists', 'uapi', 'Email::add_list', 'sentences of failures; limit of lists', text],
  ['uapi.filters', 'uapi', 'Email::store_filter', 'sentences of failures; a new filter is on', text],
  ['uapi.filters-count', 'uapi', 'Email::count_filters', 'counts those of the account alone', none],
  ['uapi.limit-mailboxes', 'uapi', 'Email::add_pop', 'limit reached: its sentence', text],
  [
    'uapi.limit-databases',
    'uapi',
    'Mysql::create_database',
    'limit reached, and a database that exists: their sentences',
    text,
  ],
  [
    'uapi.postgres',
    'uapi',
    'Postgresql::create_database',
    'sentences of failures, said as MySQL’s; each kind of database has the package’s limit for itself; null data',
    text,
  ],
  [
    'uapi.postgres-off',
    'uapi',
    'Postgresql::list_databases',
    'without the feature: the sentence of other modules',
    text,
  ],
  ['uapi.limit-ftp', 'uapi', 'Ftp::add_ftp', 'limit reached: its sentence', text],
  ['uapi.limit-addons', 'api2', 'AddonDomain::addaddondomain', 'limit of 0: the sentence of the limit reached', none],
  ['uapi.foreign-domain', 'uapi', '*', 'a domain of another account: the sentence of a domain that exists', 'inferred'],
  [
    'uapi.ssl-ids',
    'uapi',
    'SSL::list_certs',
    'how the ids of certificates and keys are made',
    'only their form is known',
  ],
  [
    'uapi.ssl-types',
    'uapi',
    'SSL::list_certs',
    'validation_type null when self-signed; ecdsa_public is the whole point',
    none,
  ],
  [
    'uapi.swap',
    'uapi',
    'DNS::swap_ip_in_zones',
    'only A records; ftp_ip for ftp alone; nothing found is an empty list',
    'one sample',
  ],
  ['uapi.tokens', 'uapi', 'Tokens::create_full_access', 'sentences of failures; readonly is ignored', text],
  ['uapi.tfa', 'uapi', 'TwoFactorAuth::set_user_configuration', 'sentences of failures', text],
  [
    'uapi.batch-strict',
    'uapi',
    'Batch::strict',
    'a command fails: status 0, its sentence in errors, data up to and with it; each has all six keys of UAPI',
    'of a failure only that nothing after it is run is documented',
  ],
  ['uapi.unknown', 'uapi', '*', 'sentence of an unknown function or module', text],
];

/** Every answer that waits for a real server's word. */
export const unverified: readonly Unverified[] = LINES.map(([id, api, fn, what, why]) => ({ id, api, fn, what, why }));
