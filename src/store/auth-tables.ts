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
