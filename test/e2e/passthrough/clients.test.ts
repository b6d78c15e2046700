import { type ChildProcessByStdio, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { fault } from '../../support/pair.ts';
import { openStage, type Stage } from './stage.ts';

const run = promisify(execFile);
let stage: Stage;

beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await Promise.all(programs.map(ended));
  await stage.close();
});
afterEach(() => stage.healed());

/** What a client program does with one function: the text that it got. */
interface Client {
  readonly name: string;
  /** A command that ends well where the client can run, and the Debian package that brings it. */
  readonly needs: readonly [command: string, packages: string];
  call(fn: string, args: Readonly<Record<string, string>>): Promise<string>;
}

function script(name: string, text: string): string {
  const path = join(stage.pair.dir, name);
  writeFileSync(path, text);
  return path;
}

const query = (args: Readonly<Record<string, string>>) => new URLSearchParams(args).toString();
const url = () => `https://127.0.0.1:${stage.web.whm.port}/json-api/`;
const authorization = () => `whm root:${stage.rootToken}`;

async function curl(fn: string, args: Readonly<Record<string, string>>): Promise<string> {
  const data = Object.entries(args).flatMap(([name, value]) => ['--data-urlencode', `${name}=${value}`]);
  const own = ['-sS', '--cacert', stage.caFile, '-H', `Authorization: ${authorization()}`];
  return (await run('curl', [...own, ...data, `${url()}${fn}`])).stdout;
}

// Each of these makes a client of its own for every line, and answers with the body in Base64.
const lwp = `use strict; use LWP::UserAgent; use MIME::Base64; my ($auth, $ca) = @ARGV; $| = 1;
while (my $line = <STDIN>) {
  chomp $line; my ($url, $body) = split /\\t/, $line;
  my $ua = LWP::UserAgent->new(ssl_opts => { SSL_ca_file => $ca, verify_hostname => 0 });
  my $r = $ua->post($url, Authorization => $auth, 'Content-Type' => 'application/x-www-form-urlencoded', Content => $body);
  my $text = $r->decoded_content; utf8::encode($text) if utf8::is_utf8($text);
  print encode_base64($text, ''), "\\n";
}`;

const tiny = `use strict; use HTTP::Tiny; use MIME::Base64; my ($auth, $ca) = @ARGV; $| = 1;
while (my $line = <STDIN>) {
  chomp $line; my ($url, $body) = split /\\t/, $line;
  my $r = HTTP::Tiny->new(verify_SSL => 0)->request('GET', "$url?$body", { headers => { Authorization => $auth } });
  print encode_base64($r->{content}, ''), "\\n";
}`;

// xmlapi-php in its fopen mode: a POST without a content type of its own making, read by stream functions.
const php = `<?php [, $auth, $ca] = $argv;
while (($line = fgets(STDIN)) !== false) {
  [$url, $body] = explode("\\t", rtrim($line, "\\n"));
  $http = ['method' => 'POST', 'header' => "Authorization: $auth\\r\\nContent-Type: application/octet-stream\\r\\n", 'content' => $body, 'ignore_errors' => true];
  echo base64_encode(file_get_contents($url, false, stream_context_create(['http' => $http, 'ssl' => ['cafile' => $ca, 'verify_peer_name' => false]]))), "\\n";
}`;

const phpCurl = `<?php [, $auth, $ca] = $argv;
while (($line = fgets(STDIN)) !== false) {
  [$url, $body] = explode("\\t", rtrim($line, "\\n"));
  $c = curl_init("$url?$body");
  curl_setopt_array($c, [CURLOPT_RETURNTRANSFER => true, CURLOPT_HTTPHEADER => ["Authorization: $auth"], CURLOPT_CAINFO => $ca]);
  echo base64_encode(curl_exec($c)), "\\n";
}`;

interface Program {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly answers: AsyncIterator<string>;
}

const programs: Program[] = [];

function begun(program: string, file: string, text: string): Program {
  const child = spawn(program, [script(file, text), authorization(), stage.caFile], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const one = { child, answers: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
  programs.push(one);
  return one;
}

async function ended({ child }: Program): Promise<void> {
  child.stdin.end();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** The program goes on from call to call: starting Perl for each was half of what these tests cost. */
function scripted(program: string, file: string, text: string): Client['call'] {
  let one: Program | undefined;
  return async (fn, args) => {
    one ??= begun(program, file, text);
    one.child.stdin.write(`${url()}${fn}\t${query(args)}\n`);
    const answer = await one.answers.next();
    if (answer.done === true) throw new Error(`${program} ${file} ended`);
    return Buffer.from(answer.value, 'base64').toString();
  };
}

interface CpanelLib {
  createClient(options: object): {
    call(fn: string, args: object, done: (error: unknown, answer: unknown) => void): void;
  };
}

function cpanelLib(fn: string, args: Readonly<Record<string, string>>): Promise<string> {
  // Cast: the package has no types; its readme documents this function.
  const library = createRequire(import.meta.url)('cpanel-lib') as CpanelLib;
  const { port } = stage.web.whm;
  const own = { host: '127.0.0.1', port, username: 'root', accessKey: stage.rootToken, ignoreCertError: true };
  return new Promise((resolve, reject) => {
    library
      .createClient(own)
      .call(fn, args, (error, answer) => (error ? reject(error) : resolve(JSON.stringify(answer))));
  });
}

const clients: readonly Client[] = [
  { name: 'curl', needs: ['curl --version', 'curl'], call: curl },
  { name: 'cpanel-lib', needs: ['true', ''], call: cpanelLib },
  {
    name: 'Perl LWP',
    needs: ['perl -MLWP::Protocol::https -e1', 'liblwp-protocol-https-perl'],
    call: scripted('perl', 'lwp.pl', lwp),
  },
  {
    name: 'Perl HTTP::Tiny',
    needs: ['perl -MHTTP::Tiny -MIO::Socket::SSL -e1', 'libio-socket-ssl-perl'],
    call: scripted('perl', 'tiny.pl', tiny),
  },
  { name: 'PHP streams', needs: ['php -v', 'php-cli'], call: scripted('php', 'streams.php', php) },
  {
    name: 'PHP curl',
    needs: ['php -r "curl_init();"', 'php-cli php-curl'],
    call: scripted('php', 'curl.php', phpCurl),
  },
];

let number = 0;

describe.each(clients)('$name', ({ needs, call }) => {
  const [command, packages] = needs;
  const runs = spawnSync('sh', ['-c', command], { stdio: 'ignore' }).status === 0;
  const note = runs ? undefined : `not installed (Debian packages ${packages})`;

  async function asked(fn: string, args: Readonly<Record<string, string>>) {
    const text = await call(fn, { 'api.version': '1', ...args });
    return JSON.parse(text) as { metadata: { result: number; reason: string }; data?: Record<string, unknown> };
  }

  async function good(fn: string, args: Readonly<Record<string, string>>) {
    const answer = await asked(fn, args);
    expect(answer.metadata, `${fn}: ${answer.metadata?.reason}`).toMatchObject({ result: 1 });
    return answer;
  }

  /** Removed is said only when the name can be used again; while a master is away, that it goes on, at once. */
  async function removed(user: string, isOneDown: boolean): Promise<void> {
    if (isOneDown) {
      const early = await asked('removeacct', { username: user });
      expect(early.metadata).toMatchObject({ result: 0, reason: expect.stringContaining('goes on') });
      await stage.healed();
      // Asked again, as a billing system does, until it is told how it ended.
      await vi.waitFor(() => good('removeacct', { username: user }), { timeout: 20_000, interval: 200 });
    } else await good('removeacct', { username: user });
    expect((await asked('accountsummary', { user })).metadata.result).toBe(0);
    const name = { username: user, domain: `${user}.example`, plan: 'gold', password: 'Aa1!xkcd-battery-9' };
    if (!isOneDown) await good('createacct', name);
  }

  async function life(isOneDown = false): Promise<void> {
    number += 1;
    const user = `kunde${number}`;
    await good('version', {});
    await good('createacct', {
      username: user,
      domain: `${user}.example`,
      plan: 'gold',
      password: 'Aa1!xkcd-battery-9',
    });
    const summary = await good('accountsummary', { user });
    expect(summary.data?.['acct']).toMatchObject([{ user, plan: 'gold', suspended: 0 }]);
    await good('suspendacct', { user, reason: 'Überfällig & “unpaid”' });
    expect((await good('accountsummary', { user })).data?.['acct']).toMatchObject([{ suspended: 1 }]);
    await good('unsuspendacct', { user });
    await good('passwd', { user, password: 'Bb2!other-battery-staple' });
    expect((await asked('createacct', { username: user, domain: 'other.example' })).metadata.result).toBe(0);
    await removed(user, isOneDown);
  }

  it('goes from the first to the last call of an account', async (context) => {
    if (note !== undefined) context.skip(note);
    await life();
  });

  it('and with M2 down, which changes nothing for it but the end of a removal', async (context) => {
    if (note !== undefined) context.skip(note);
    await fault(stage.pair.m2, { kind: 'down', function: '*' });
    await life(true);
  });

  it('and with M1 down', async (context) => {
    if (note !== undefined) context.skip(note);
    await fault(stage.pair.m1, { kind: 'down', function: '*' });
    await life(true);
  });
});
