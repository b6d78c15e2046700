import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../errors.ts';

const keyBytes = 32;
const mode = 0o600;
const form = /^tandem-key-1:([A-Za-z0-9_-]{43})\n?$/;

/** The key file is damaged or open to others; Tandem does not start with it. */
export class KeyFileBad extends AppError {
  readonly code = 'seal.key-file';
  readonly retry = 'never';
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

// link() fails when the name is taken, so of two first starts one wins and both then read the same key.
async function make(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', mode);
  try {
    await file.writeFile(`tandem-key-1:${randomBytes(keyBytes).toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(path);
}

async function read(path: string): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const { mode: found } = await file.stat();
    if ((found & 0o077) !== 0) {
      throw new KeyFileBad(`key file ${path}: others may read it`, { hint: `Run: chmod 600 ${path}` });
    }
    const key = form.exec(await file.readFile('utf8'))?.[1];
    if (key === undefined) {
      throw new KeyFileBad(`key file ${path}: is damaged`, {
        hint: 'Restore it from your backup. A new key cannot open old secrets.',
      });
    }
    return Buffer.from(key, 'base64url');
  } finally {
    await file.close();
  }
}

/** The installation's 32 secret bytes; the file is made when it is missing. Throws KeyFileBad. */
export async function readKeyFile(path: string): Promise<Buffer> {
  try {
    return await read(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
  await make(path);
  return read(path);
}
