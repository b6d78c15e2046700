/** `tandem doctor` on what customers' programs remember of a server: it must be the same on both masters. */
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { connect } from 'node:tls';
import type { PublishConfig } from '../config-publish.ts';
import type { DoctorCheck } from './doctor-judge.ts';

const waitMs = 4000;

const sshPort = 22;
/** Mail and FTP that speak TLS from the first byte. */
const tlsPorts = [993, 995, 465, 990];

/** Where a port of an address is; tests have it elsewhere. */
export type Reach = (address: string, port: number) => { readonly host: string; readonly port: number };

/** 'ssh-ed25519 AAAA…' each; none where nothing answers. */
function hostKeys({ host, port }: ReturnType<Reach>): Promise<readonly string[]> {
  return new Promise((resolve) => {
    execFile('ssh-keyscan', ['-T', '3', '-p', String(port), host], { timeout: 3 * waitMs }, (_error, stdout) => {
      const lines = stdout.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      resolve(lines.map((line) => line.split(' ').slice(1).join(' ')).sort());
    });
  });
}

/** The names that a certificate is for; undefined where nothing answers. */
function namesAt({ host, port }: ReturnType<Reach>): Promise<readonly string[] | undefined> {
  return new Promise((resolve) => {
    // Who it is for is the question, not whether it is to be trusted.
    const socket = connect({ host, port, rejectUnauthorized: false, timeout: waitMs });
    const end = (names: readonly string[] | undefined): void => {
      socket.destroy();
      resolve(names);
    };
    socket.once('secureConnect', () => {
      const { raw } = socket.getPeerCertificate();
      const text = raw === undefined ? '' : (new X509Certificate(raw).subjectAltName ?? '');
      end([...text.matchAll(/DNS:([^,\s]+)/g)].map(([, name = '']) => name.toLowerCase()));
    });
    socket.once('timeout', () => end(undefined));
    socket.once('error', () => end(undefined));
  });
}

type Pair = readonly [id: string, address: string];

async function sshAlike([one, a]: Pair, [other, b]: Pair, reach: Reach): Promise<readonly DoctorCheck[]> {
  const check = 'host keys';
  const [ours, theirs] = await Promise.all([hostKeys(reach(a, sshPort)), hostKeys(reach(b, sshPort))]);
  if (ours.length === 0 || theirs.length === 0) return [];
  if (ours.join() === theirs.join())
    return [{ check, state: 'ok', sentence: `${one} and ${other} have the same ssh host keys.` }];
  const hint = `Copy /etc/ssh/ssh_host_*_key* from ${one} to ${other}, and restart sshd there.`;
  const sentence = `${one} and ${other} have different ssh host keys: after a switch customers’ SFTP programs refuse to connect.`;
  return [{ check, state: 'warning', sentence, hint }];
}

async function namesAlike(pair: readonly [Pair, Pair], port: number, reach: Reach): Promise<readonly DoctorCheck[]> {
  const check = 'service names';
  const [[one, a], [other, b]] = pair;
  const [ours, theirs] = await Promise.all([namesAt(reach(a, port)), namesAt(reach(b, port))]);
  if (ours === undefined || theirs === undefined) return [];
  const common = ours.filter((name) => theirs.includes(name));
  const where = `On port ${port} ${one} and ${other}`;
  if (common.length > 0)
    return [{ check, state: 'ok', sentence: `${where} have certificates for ${common.slice(0, 3).join(', ')}.` }];
  const hint = 'Give the service on both a certificate with the name that customers type.';
  return [
    {
      check,
      state: 'warning',
      sentence: `${where} have no name in common in their certificates: after a switch mail and FTP programs warn.`,
      hint,
    },
  ];
}

/** Compares the first pair of addresses of the masters; says nothing of what cannot be reached from here. */
export async function doctorAlike(
  publish: Pick<PublishConfig, 'pairs'> | undefined,
  reach: Reach = (host, port) => ({ host, port }),
): Promise<readonly DoctorCheck[]> {
  const [first, ...others] = Object.entries(publish?.pairs[0] ?? {});
  if (first === undefined) return [];
  const found = await Promise.all(
    others.flatMap((other) => [
      sshAlike(first, other, reach),
      ...tlsPorts.map((port) => namesAlike([first, other], port, reach)),
    ]),
  );
  return found.flat();
}
