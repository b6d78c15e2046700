import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, selfSigned } from '../../src/certificates.ts';

export interface TestCertificate extends Certificate {
  /** The same two as files, for programs that take paths. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate for the names, written into `dir`, valid for a day. */
export async function certificateIn(dir: string, ...names: readonly [string, ...string[]]): Promise<TestCertificate> {
  const made = await selfSigned({ names, days: 1 });
  const certFile = join(dir, `${names[0]}.crt`);
  const keyFile = join(dir, `${names[0]}.key`);
  writeFileSync(certFile, made.cert);
  writeFileSync(keyFile, made.key, { mode: 0o600 });
  return { ...made, certFile, keyFile };
}
