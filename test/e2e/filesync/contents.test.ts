import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { builtAgent, dialled, type FilePair, filePair, homeOf, noFileSync } from '../../support/filesync.ts';
import { tempDir } from '../../support/processes.ts';

const lacking = noFileSync();
let pair: FilePair;
const { one, two, waiting } = homeOf(() => pair, 'bob');
const arrives = (path: string): Promise<unknown> => vi.waitFor(() => lstatSync(path), waiting);

const md5 = (path: string): string => createHash('md5').update(readFileSync(path)).digest('hex');

describe.skipIf(lacking !== undefined)('the contents of files', () => {
  beforeAll(async () => {
    pair = await filePair({ roundTripMs: 30 });
    for (const home of pair.home) mkdirSync(`${home}/bob/public_html`, { recursive: true });
    await pair.start(2);
    await pair.start(1);
    await pair.quiet();
  });
  afterAll(() => pair?.close());

  it('a large file goes as a delta and arrives whole', async () => {
    const size = 8_000_000;
    writeFileSync(one('public_html/large'), Buffer.alloc(size, 'abcdefg'));
    await vi.waitFor(() => expect(statSync(two('public_html/large')).size).toBe(size), waiting);
    await pair.quiet();
    const before = pair.line.bytes();
    truncateSync(one('public_html/large'), size - 1000);
    await vi.waitFor(() => expect(statSync(two('public_html/large')).size).toBe(size - 1000), waiting);
    await pair.quiet();
    expect(pair.line.bytes() - before).toBeLessThan(size / 10);
    expect(readFileSync(two('public_html/large')).equals(readFileSync(one('public_html/large')))).toBe(true);
  });

  it('a large file that is new goes without rsync, either way, with its holes; by rsync where the other side is of before', async () => {
    const runs = async (): Promise<number> => ((await pair.ask(1, 'status')).json as { rsyncRuns: number }).rsyncRuns;
    async function goes(from: string, to: string, content: Buffer): Promise<number> {
      await pair.quiet();
      const ran = await runs();
      writeFileSync(from, content);
      await vi.waitFor(() => expect(statSync(to).size).toBe(content.length), waiting);
      expect(readFileSync(to).equals(content)).toBe(true);
      await pair.quiet();
      for (const home of pair.home) expect(readdirSync(`${home}/.tandem-filesync/in`)).toEqual([]);
      return (await runs()) - ran;
    }
    const content = randomBytes(9_000_001);
    expect(await goes(one('public_html/new-one'), two('public_html/new-one'), content)).toBe(0);
    expect(await goes(two('public_html/new-two'), one('public_html/new-two'), content.fill(0, 100, 8_000_000))).toBe(0);
    expect(statSync(one('public_html/new-two')).blocks * 512).toBeLessThan(3_000_000);
    const keys = readFileSync(`${pair.dir}/authorized`, 'utf8');
    const before = readFileSync('src/filesync/helpers/door.pl', 'utf8').replace('^piece ', '^none ');
    writeFileSync(`${pair.dir}/door.pl`, before);
    writeFileSync(`${pair.dir}/authorized`, keys.replaceAll(/\S+\/door\.pl/g, `${pair.dir}/door.pl`));
    pair.line.cut();
    pair.line.mend();
    expect(await goes(one('public_html/new-three'), two('public_html/new-three'), content)).toBe(1);
    expect(await goes(two('public_html/new-four'), one('public_html/new-four'), content)).toBe(1);
    writeFileSync(`${pair.dir}/authorized`, keys);
    pair.line.cut();
    pair.line.mend();
    await pair.quiet();
  });

  it('what changes in a large file goes once, either way, and also after a cut', async () => {
    const [size, changed] = [4_000_000, 400_000];
    const runs = async (): Promise<number> => ((await pair.ask(1, 'status')).json as { rsyncRuns: number }).rsyncRuns;
    writeFileSync(one('public_html/volume'), randomBytes(size));
    await vi.waitFor(() => expect(statSync(two('public_html/volume')).size).toBe(size), waiting);
    async function change(from: string, to: string): Promise<void> {
      await pair.quiet();
      const [before, ran] = [pair.line.bytes(), await runs()];
      const file = openSync(from, 'r+');
      writeSync(file, randomBytes(changed), 0, changed, 1_000_000);
      closeSync(file);
      await vi.waitFor(() => expect(readFileSync(to).equals(readFileSync(from))).toBe(true), waiting);
      await pair.quiet();
      expect(pair.line.bytes() - before).toBeLessThan(1.5 * changed);
      expect((await runs()) - ran).toBe(1);
    }
    await change(one('public_html/volume'), two('public_html/volume'));
    await change(two('public_html/volume'), one('public_html/volume'));
    pair.line.cut();
    pair.line.mend();
    await change(one('public_html/volume'), two('public_html/volume'));
  });

  it('a file that is renamed goes without its content, also over others and in a row', async () => {
    const sizes = { image: 3_000_000, photo: 90_000, log: 60_000, 'log.1': 61_000, 'log.2': 62_000 };
    for (const [name, size] of Object.entries(sizes)) writeFileSync(one(`public_html/${name}`), randomBytes(size));
    await arrives(two('public_html/image'));
    await pair.quiet();
    const digests = (at: (path: string) => string): readonly string[] =>
      ['moved', 'photo.jpg', 'log.1', 'log.2', 'log.3'].map((name) => md5(at(`public_html/${name}`)));
    const before = pair.line.bytes();
    for (const [from, to] of [
      ['image', 'moved'],
      ['photo', 'photo.jpg'],
      ['log.2', 'log.3'],
      ['log.1', 'log.2'],
      ['log', 'log.1'],
    ] as const)
      renameSync(one(`public_html/${from}`), one(`public_html/${to}`));
    await vi.waitFor(() => expect(digests(two)).toEqual(digests(one)), waiting);
    await pair.quiet();
    expect(existsSync(two('public_html/image'))).toBe(false);
    expect(pair.line.bytes() - before).toBeLessThan(10_000);
    expect(((await pair.ask(2, 'trash')).json as string[]).filter((path) => path.endsWith('/image'))).toEqual([]);
  });

  it('what one account deleted stays in its trash when another one comes to the same', async () => {
    const content = randomBytes(900_000);
    writeFileSync(one('public_html/program.zip'), content);
    await vi.waitFor(() => expect(statSync(two('public_html/program.zip')).size).toBe(content.length), waiting);
    await pair.quiet();
    rmSync(one('public_html/program.zip'));
    await vi.waitFor(() => expect(existsSync(two('public_html/program.zip'))).toBe(false), waiting);
    for (const home of pair.home) mkdirSync(`${home}/eve`, { recursive: true });
    writeFileSync(`${pair.home[0]}/eve/program.zip`, content);
    await vi.waitFor(() => expect(readFileSync(`${pair.home[1]}/eve/program.zip`).equals(content)).toBe(true), waiting);
    await pair.quiet();
    const trash = (await pair.ask(2, 'trash')).json as string[];
    const kept = trash.find((path) => path.endsWith('/bob/public_html/program.zip'));
    expect(readFileSync(`${pair.home[1]}/.tandem-filesync/${kept}`).equals(content)).toBe(true);
  });

  it('a master that is cut off by hand is reached by no connection for large files either, also in the middle of one', async () => {
    writeFileSync(one('public_html/huge'), randomBytes(60_000_000));
    await vi.waitFor(() => expect(readdirSync(`${pair.home[1]}/.tandem-filesync/in`).length).toBe(1), waiting);
    expect(dialled(pair)).not.toBe('');
    await pair.ask(1, 'isolate');
    await vi.waitFor(() => expect(dialled(pair)).toBe(''), { timeout: 5000, interval: 50 });
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(dialled(pair)).toBe('');
    await pair.ask(1, 'join');
    await vi.waitFor(
      () => expect(readFileSync(two('public_html/huge')).equals(readFileSync(one('public_html/huge')))).toBe(true),
      waiting,
    );
    await pair.quiet();
  });
});

describe.skipIf(lacking !== undefined)('where rsync is too old to be used', () => {
  const old = tempDir('filesync-old-rsync');
  let plain: FilePair;
  beforeAll(async () => {
    const says = `#!/bin/sh\n[ "$1" = --version ] && { echo 'rsync  version 3.4.1  protocol version 32'; exit; }\n`;
    writeFileSync(`${old.path}/rsync`, `${says}touch ${old.path}/used\nexit 1\n`, { mode: 0o755 });
    plain = await filePair({ agent: ['env', `PATH=${old.path}:${process.env['PATH']}`, ...(await builtAgent())] });
    await plain.start(2);
    await plain.start(1);
    await plain.quiet();
  });
  afterAll(async () => {
    await plain?.close();
    old.remove();
  });

  it('a large file travels whole, when it is new and when it changes, either way, and rsync is never run', async () => {
    for (const [from, to] of [plain.home, plain.home.toReversed()]) {
      const content = randomBytes(3_000_000);
      writeFileSync(`${from}/large`, content);
      await vi.waitFor(() => expect(readFileSync(`${to}/large`).equals(content)).toBe(true), waiting);
      await plain.quiet();
    }
    expect(existsSync(`${old.path}/used`)).toBe(false);
    expect((await plain.ask(1, 'check')).text).toContain('rsync is too old or missing');
  });
});
