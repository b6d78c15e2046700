/** A member of a pair with the program that copies databases as files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openServer, type Server } from '../../../src/dbsync/mariadb/connect.ts';
import type { PairMember } from './pair.ts';

const program = resolve('bin/on-master/tandem-mariadb-files');

/** `wrapped` may stand in for the program; `copies`: where it keeps them. The caller closes the server. */
export function withFiles(
  member: PairMember,
  {
    wrapped,
    copies = join(member.dir, 'copies'),
  }: { readonly wrapped?: string | undefined; readonly copies?: string } = {},
): Server {
  const cnf = join(member.dir, 'copy.cnf');
  const { socket = '' } = member.side.access;
  writeFileSync(cnf, `[mysqld]\ndatadir=${member.dir}/data\n[client]\nuser=root\nsocket=${socket}\n`);
  mkdirSync(copies, { recursive: true });
  const environment = ['env', `TANDEM_COPIES=${copies}`, `TANDEM_MY_CNF=${cnf}`];
  const files = wrapped === undefined ? [...environment, program] : [...environment, 'sh', '-c', wrapped, program];
  return openServer({ ...member.side, access: { ...member.side.access, files } });
}
