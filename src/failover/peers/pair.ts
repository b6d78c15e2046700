import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { portalName } from './serve.ts';

/** The certificates of a pair of watchers: one small CA of their own, made once, and one certificate for each place. */

const years = 365.25 * 86_400_000;

interface Made {
  readonly cert: string;
  readonly key: string;
}

async function makeAuthority(now: number): Promise<Made> {
  const { generate } = await import('../../certificates-made.ts');
  const made = await generate([{ name: 'commonName', value: 'Tandem watchers' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(now - 5 * 60_000),
    notAfterDate: new Date(now + 20 * years),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  return { cert: made.cert, key: made.private };
}

async function makeCertificate(name: string, ca: Made, now: number): Promise<Made> {
  const { generate } = await import('../../certificates-made.ts');
  const made = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    notBeforeDate: new Date(now - 5 * 60_000),
    notAfterDate: new Date(now + 10 * years),
    extensions: [
      { name: 'basicConstraints', cA: false, critical: true },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: name }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}

async function existing(dir: string): Promise<Made | undefined> {
  try {
    return { cert: await readFile(join(dir, 'ca.crt'), 'utf8'), key: await readFile(join(dir, 'ca.key'), 'utf8') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Makes, below `dir`, the CA if there is none, and for each id a folder with ca.crt, node.crt and node.key, to be copied
 * to `watch/tls` in that machine's stateDir. Existing folders get a new certificate. The CA's key stays in `dir`: keep it
 * away from the machines. Answers the folders.
 */
export async function makePair(dir: string, ids: readonly string[], now: number): Promise<readonly string[]> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const known = await existing(dir);
  const ca = known ?? (await makeAuthority(now));
  if (known === undefined) {
    await writeFile(join(dir, 'ca.key'), ca.key, { mode: 0o600, flag: 'wx' });
    await writeFile(join(dir, 'ca.crt'), ca.cert);
  }
  const folders: string[] = [];
  for (const id of [...ids, portalName]) {
    const folder = join(dir, id);
    const made = await makeCertificate(id, ca, now);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(join(folder, 'node.key'), made.key, { mode: 0o600 });
    await writeFile(join(folder, 'node.crt'), made.cert);
    await writeFile(join(folder, 'ca.crt'), ca.cert);
    folders.push(folder);
  }
  return folders;
}
