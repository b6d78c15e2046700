/** What one of the two servers holds, and how it answers the few functions that the work needs. */
import { domainOf, firstMailbox, quotaBase } from './work.ts';

interface Account {
  readonly mailboxes: Map<string, number>;
  readonly records: {
    readonly name: string;
    readonly ttl: number;
    readonly type: string;
    readonly data: readonly string[];
  }[];
  serial: number;
}

export interface Reply {
  readonly text: string;
  readonly ok: boolean;
  readonly account: string;
  readonly effect?: { readonly kind: string; readonly n: number };
}

type Form = URLSearchParams;

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function whm(account: string, command: string, data: unknown): Reply {
  const metadata = { command, reason: 'OK', result: 1, version: 1 };
  return { text: JSON.stringify({ data, metadata }), ok: true, account };
}

function whmNo(account: string, command: string, reason: string): Reply {
  return { text: JSON.stringify({ metadata: { command, reason, result: 0, version: 1 } }), ok: false, account };
}

function uapi(account: string, status: 0 | 1, data: unknown, errors: readonly string[] | null): Reply {
  const inner = { data, errors, messages: null, metadata: {}, status, warnings: null };
  return { ...whm(account, 'uapi_cpanel', { uapi: inner }), ok: status === 1 };
}

function newAccount(): Account {
  return { mailboxes: new Map([[firstMailbox, quotaBase]]), records: [], serial: 2026010100 };
}

/** Accounts exist as soon as they are asked for: the work knows which there are. */
export class ServerState {
  readonly #accounts = new Map<string, Account>();

  reset(): void {
    this.#accounts.clear();
  }

  answer(path: string, body: string): Reply {
    const form = new URLSearchParams(body);
    const fn = path.slice(path.lastIndexOf('/') + 1);
    if (fn === 'parse_dns_zone') return this.#zone(form);
    if (fn === 'mass_edit_dns_zone') return this.#editZone(form);
    if (fn === 'version') return whm('', fn, { version: '11.134.0.20' });
    if (fn !== 'uapi_cpanel') return whmNo('', fn, `Unknown app (“${fn}”) requested`);
    return this.#uapi(form);
  }

  #of(account: string): Account {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const made = newAccount();
    this.#accounts.set(account, made);
    return made;
  }

  #uapi(form: Form): Reply {
    const account = form.get('cpanel.user') ?? '';
    const fn = `${form.get('cpanel.module')}::${form.get('cpanel.function')}`;
    if (fn === 'Email::list_pops_with_disk') return this.#mailboxes(account);
    if (fn === 'Email::add_pop') return this.#addMailbox(account, form);
    if (fn === 'Email::edit_pop_quota') return this.#setQuota(account, form);
    return uapi(account, 0, null, [`The function ${fn} does not exist.`]);
  }

  #mailboxes(account: string): Reply {
    const domain = domainOf(account);
    const rows = [...this.#of(account).mailboxes].map(([user, quota]) => ({
      email: `${user}@${domain}`,
      login: `${user}@${domain}`,
      domain,
      user,
      diskquota: String(quota),
      _diskquota: quota * 1024 * 1024,
      diskused: '0',
      suspended_login: 0,
    }));
    return uapi(account, 1, rows, null);
  }

  #addMailbox(account: string, form: Form): Reply {
    const { mailboxes } = this.#of(account);
    const name = form.get('email') ?? '';
    const address = `${name}@${form.get('domain')}`;
    if (mailboxes.has(name)) return uapi(account, 0, null, [`The email account “${address}” already exists!`]);
    mailboxes.set(name, Number(form.get('quota') ?? 0));
    const n = Number(name.slice(1));
    return { ...uapi(account, 1, address.replace('@', '+'), null), effect: { kind: 'mailbox', n } };
  }

  #setQuota(account: string, form: Form): Reply {
    const { mailboxes } = this.#of(account);
    const name = form.get('email') ?? '';
    const quota = Number(form.get('quota'));
    if (!mailboxes.has(name)) return uapi(account, 0, null, [`The email account “${name}” does not exist.`]);
    mailboxes.set(name, quota);
    return { ...uapi(account, 1, null, null), effect: { kind: 'quota', n: quota - quotaBase } };
  }

  #zone(form: Form): Reply {
    const account = (form.get('zone') ?? '').split('.')[0] ?? '';
    const { records, serial } = this.#of(account);
    const domain = `${domainOf(account)}.`;
    const soa = {
      name: domain,
      ttl: 86_400,
      type: 'SOA',
      data: ['ns1.example.', 'root.example.', String(serial), '3600', '1800', '1209600', '86400'],
    };
    const payload = [soa, ...records].map((record, line) => ({
      type: 'record',
      line_index: line,
      dname_b64: base64(record.name),
      record_type: record.type,
      ttl: record.ttl,
      data_b64: record.data.map(base64),
    }));
    return whm(account, 'parse_dns_zone', { payload });
  }

  #editZone(form: Form): Reply {
    const account = (form.get('zone') ?? '').split('.')[0] ?? '';
    const state = this.#of(account);
    if (form.get('serial') !== String(state.serial)) {
      return whmNo(
        account,
        'mass_edit_dns_zone',
        `The given serial number (${form.get('serial')}) does not match the DNS zone’s serial number (${state.serial}).`,
      );
    }
    // The work adds one record at a time.
    const { dname, ttl, record_type: type, data } = JSON.parse(form.get('add-0') ?? form.get('add') ?? '{}');
    state.records.push({ name: String(dname), ttl: Number(ttl), type: String(type), data: data.map(String) });
    state.serial++;
    const n = Number(/^r(\d+)\./.exec(String(dname))?.[1]);
    return {
      ...whm(account, 'mass_edit_dns_zone', { new_serial: String(state.serial) }),
      effect: { kind: 'record', n },
    };
  }
}
