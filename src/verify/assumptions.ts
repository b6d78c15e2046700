/** What Tandem takes for granted without a proof. Each has at least one step in the contract. */

/** 'known': common knowledge without a source. 'inferred': follows from documented texts. 'open': nobody found out. */
export type Proof = 'known' | 'inferred' | 'open' | 'memory' | 'experience' | 'disputed';

export interface Assumption {
  readonly id: string;
  readonly proof: Proof;
  readonly sentence: string;
}

function rows(proof: Proof, of: Readonly<Record<string, string>>): readonly Assumption[] {
  return Object.entries(of).map(([id, sentence]) => ({ id, proof, sentence }));
}

export const assumptions: readonly Assumption[] = [
  ...rows('known', {
    'wire.units': 'createacct, editquota, limitbw and packages count in megabytes, modifyacct BWLIMIT in bytes.',
    'wire.zero-lists': 'The lists of WHM API 0 stand under zone, app, reseller, acls, result and accts.',
    'wire.webmail-cookie': 'The cookie of a webmail session is webmailsession.',
    'api2.tables': 'API 2 pages with api2_paginate, api2_paginate_start and api2_paginate_size.',
    'api2.fetchzone': 'API 2 fetchzone wraps the records and tells serialnum.',
    'api2.mkfile': 'API 2 mkfile takes path, name and permissions and answers with path and name.',
    'api2.fetchkey': 'API 2 fetchkey answers with name and key.',
    'api2.listdbs': 'API 2 listdbs answers with db, size, sizemeg, usercount and userlist.',
    'api2.listusers': 'API 2 listusers answers with user, shortuser and dblist.',
    'api2.langmods': 'API 2 LangMods has langlist.',
    'xml.type': 'XML is sent as text/xml.',
    'peers.names': 'The functions are called as in the catalogue.',
    'archives.places': 'Where databases, mail and keys stand in an archive of pkgacct.',
    'peers.proxy-names': 'The service subdomains on port 443 reach the same daemon.',
  }),
  ...rows('open', {
    'wire.missing-right': 'What a caller without the right is told.',
    'api2.version-argument': 'What cpanel_jsonapi_version in place of cpanel_jsonapi_apiversion does.',
    'api2.event-zero': 'What API 2 says beside event.result 0.',
    'api2.generated-domains': 'The keys of fetch_cpanel_generated_domains.',
    'api2.resetzone': 'The shape of API 2 resetzone.',
    'api2.savefile': 'The answer of API 2 savefile.',
    'api2.uploadfiles': 'The answer of API 2 uploadfiles.',
    'api2.delsubdomain': 'Whether API 2 delsubdomain takes label_maindomain.',
    'api2.importkey': 'How API 2 importkey refuses.',
    'api2.delforward': 'The answer of API 2 delforward.',
    'api2.mysqlfe-yes': 'The good answer of API 2 createdb and its like.',
    'api2.mysqlfe-no': 'How API 2 createdb and its like refuse.',
    'api2.diskusage': 'DiskUsage of API 2.',
    'xml.empty-list': 'How XML shows an empty list at the top.',
    'xml.denied': 'How XML refuses a sign-in.',
    'uapi.batch-strict': 'What Batch::strict answers when one of its commands fails.',
    'errors.zero-right': 'What a caller without the right is told in WHM API 0.',
    'errors.feature-off': 'How API 2 says that a feature is off.',
    'errors.limits': 'What is said when the limit of mailboxes, databases or FTP accounts is reached.',
    'errors.limit-addon': 'What is said when the limit of addon domains is reached.',
    'errors.database-exists': 'What is said when a database or its user exists.',
    'errors.bad-address': 'What is said to an invalid mail address.',
    'errors.old-password': 'What is said to a wrong old password.',
    'errors.write-failure': 'What a full disk or a read-only file system says.',
    'errors.listaccts-none': 'Whether a search of listaccts that finds nothing is a refusal.',
    'errors.suspended-token': 'Whether UAPI through WHM goes on for a suspended account.',
    'errors.cphulk': 'How cPHulk’s block is answered.',
    'archives.tarroot': 'Whether the folder of tarroot must be there before, and what the file is called.',
    'archives.restore': 'Whether every A record has the address of the restoring server afterwards.',
    'archives.uid': 'Which uid a restored account gets.',
    'errors.licence': 'How an expired licence is answered.',
    'errors.licence-count': 'What an account over the licence’s number gets.',
  }),
  ...rows('inferred', {
    'wire.cluster': 'In one DNS cluster the second createacct fails, and forcedns overwrites the zone.',
    'errors.foreign-domain': 'A domain of another account is refused as already in the userdata.',
    'xml.refusal': 'XML of WHM API 1 says no like its JSON.',
    'xml.api2-refusal': 'XML of API 2 says no like its JSON.',
  }),
  ...rows('memory', {
    'ha.zone-files': 'Zones stand in files NAME.db.',
    'ha.zone-ttl': 'New zones have a TTL of 14400, name servers 86400.',
  }),
  ...rows('experience', {
    'operator.paths': 'What an action writes on both masters needs no file sync.',
    'operator.database-map': 'A database that replication brought must be mapped, one that it took unmapped.',
  }),
  ...rows('disputed', {
    'wire.version-shape': 'version answers in API 1’s envelope; one server was seen to answer in another.',
    'api2.failure-both': 'API 2 says no in error and in data[0].reason together.',
    'errors.zero-unknown': 'API 0 answers an unknown function with error alone.',
  }),
];
