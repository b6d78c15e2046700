import { type AnyKind, anyKind } from '../kind.ts';
import { dns } from './dns.ts';
import { http, https } from './http.ts';
import { imap } from './imap.ts';
import { disk, load } from './machine.ts';
import { mysql } from './mysql.ts';
import { ping } from './ping.ts';
import { plugin } from './plugin.ts';
import { postgres } from './postgres.ts';
import { servicestatus } from './servicestatus.ts';
import { smtp } from './smtp.ts';
import { tcp } from './tcp.ts';

/** Every kind of check. A new one: a file here, a line there, a table of tests. */
export const checkKinds: readonly AnyKind[] = [
  anyKind(ping),
  anyKind(tcp),
  anyKind(http),
  anyKind(https),
  anyKind(dns),
  anyKind(smtp),
  anyKind(imap),
  anyKind(mysql),
  anyKind(postgres),
  anyKind(load),
  anyKind(disk),
  anyKind(servicestatus),
  anyKind(plugin),
];
