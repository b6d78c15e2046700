/** Tables of people and tokens. Times are epoch milliseconds; lists are JSON texts. */
export interface AuthTables {
  readonly people: PeopleTable;
  readonly tokens: TokensTable;
  readonly sessions: SessionsTable;
  readonly throttles: ThrottlesTable;
  readonly audit: AuditTable;
  readonly audit_head: AuditHeadTable;
  readonly token_waits: TokenWaitsTable;
  readonly zone_views: ZoneViewsTable;
  readonly person_details: PersonDetailsTable;
  readonly person_settings: PersonSettingsTable;
  readonly password_links: PasswordLinksTable;
  readonly second_factors: SecondFactorsTable;
  readonly recovery_codes: RecoveryCodesTable;
  readonly passkeys: PasskeysTable;
  readonly session_people: SessionPeopleTable;
  readonly account_notes: AccountNotesTable;
  readonly zone_saves: ZoneSavesTable;
  readonly maintenance: MaintenanceTable;
  readonly brands: BrandsTable;
  readonly collaborators: CollaboratorsTable;
  readonly customer_links: CustomerLinksTable;
}

export interface PeopleTable {
  name: string;
  role: string;
  /** argon2id, PHC string. */
  password: string;
  created_at: number;
}

export interface TokensTable {
  id: string;
  label: string;
  /** 'root', or the reseller or account that bounds what the token may touch. */
  owner: string;
  /** 'all', 'reseller' or 'account': how `owner` is meant. */
  scope: string;
  /** SHA-256 of the token, hex. The token itself is never stored. */
  hash: string;
  acl: string;
  addresses: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface SessionsTable {
  /** SHA-256 of the session id, hex: a copy of the table signs nobody in. */
  id: string;
  data: string;
  expires_at: number;
}

export interface ThrottlesTable {
  bucket: string;
  failures: number;
  blocked_until: number;
  last_at: number;
}

export interface AuditTable {
  seq: number;
  at: number;
  actor: string;
  kind: string;
  address: string;
  event: string;
  subject: string;
  detail: string;
  previous: string;
  hash: string;
}

/** One row: its lock puts the entries of several processes in one order. */
export interface AuditHeadTable {
  id: number;
  seq: number;
  hash: string;
}

/** Tokens whose caller is kept waiting longer or shorter than the configuration says. */
export interface TokenWaitsTable {
  token_id: string;
  wait_ms: number;
}

/** A zone as a client was shown it, so that the lines it names later can be found again on any master. */
export interface ZoneViewsTable {
  /** ulid: the newest view of a client is the last. */
  id: string;
  /** SHA-256 of the client's kind and name, hex. */
  owner: string;
  zone: string;
  serial: string;
  at: number;
  data: string;
}

/** What a person has besides name, role and password; a missing row means nothing of it. */
export interface PersonDetailsTable {
  name: string;
  /** cPanel name of the reseller that a person of the role reseller is bounded by; '' for staff. */
  reseller: string;
  /** '' when unknown. */
  email: string;
  suspended_at: number | null;
}

/** What a person has chosen about the portal. */
export interface PersonSettingsTable {
  name: string;
  /** How long a change can be undone; null: as configured. */
  undo_seconds: number | null;
}

/** One-time links with which a person sets a new password. */
export interface PasswordLinksTable {
  /** SHA-256 of the link's secret, hex. */
  hash: string;
  person: string;
  expires_at: number;
}

export interface SecondFactorsTable {
  person: string;
  /** The key that seals `secret`, itself sealed with the key file's key. */
  data_key: string;
  /** Base32 secret of RFC 6238, sealed. */
  secret: string;
  created_at: number;
  /** null until the person has shown a right code. */
  confirmed_at: number | null;
  /** The newest time step whose code was taken: none is taken twice. */
  last_step: number;
}

/** A code that stands in for the second factor once; its row goes when it is used. */
export interface RecoveryCodesTable {
  /** HMAC under the key file's key, base64url. */
  hash: string;
  person: string;
}

/** A passkey of a person's device: nothing in it is secret. */
export interface PasskeysTable {
  /** SHA-256 of `credential`, hex. */
  id: string;
  person: string;
  /** What the person calls it. */
  label: string;
  /** The credential's id, base64url. */
  credential: string;
  /** COSE key, base64url. */
  public_key: string;
  /** How often it signed, as it says itself; 0 for devices that do not count. */
  counter: number;
  /** How a browser reaches it: words with spaces between. */
  transports: string;
  created_at: number;
  last_used_at: number | null;
}

/** Whose a session is, for lists and for ending it. A row may outlive its session by one sweep. */
export interface SessionPeopleTable {
  session_id: string;
  person: string;
  /** 'portal' or 'passthrough'. */
  door: string;
  address: string;
  agent: string;
  created_at: number;
}

/** What staff wrote down about an account. */
export interface AccountNotesTable {
  id: string;
  account: string;
  author: string;
  at: number;
  text: string;
}

/** A zone as it was before it was changed in the portal; the newest few are kept. */
export interface ZoneSavesTable {
  id: string;
  zone: string;
  author: string;
  at: number;
  /** JSON of the records. */
  records: string;
}

/** A planned time in which one master is worked on. No two overlap, whichever masters they are of. */
export interface MaintenanceTable {
  id: string;
  master: string;
  begins_at: number;
  ends_at: number;
  reason: string;
  author: string;
}

/** How the portal looks to a reseller's people. */
export interface BrandsTable {
  reseller: string;
  title: string;
  /** Accent colours of the two themes, '#0b6b63'. */
  light: string;
  dark: string;
  /** SVG text, '' for none. */
  logo: string;
}

/** Whom a customer lets work on an account. */
export interface CollaboratorsTable {
  id: string;
  account: string;
  email: string;
  role: string;
  /** argon2id, PHC string; '' until the invitation was taken. */
  password: string;
  invited_by: string;
  created_at: number;
}

/** One-time links into the self-service: from staff, from a billing system, or an invitation. */
export interface CustomerLinksTable {
  /** SHA-256 of the link's secret, hex. */
  hash: string;
  /** JSON: where it leads. */
  data: string;
  expires_at: number;
}
