/** Whether a cPanel account's password is right: by the sign-in that its owner would make, and no call more. */
import https from 'node:https';
import type { Trust } from './connection.ts';
import { MasterAgent } from './connection.ts';
import { field, isFields, isOne } from './shapes.ts';

export interface AccountSignInTarget {
  readonly hostname: string;
  readonly connect?: string;
  readonly cpanelPort: number;
  readonly tls: Trust;
}

/** 'code': right, and cPanel asks for a second factor of its own. 'unknown': there was no answer that means anything. */
export type AccountSignIn = 'right' | 'wrong' | 'code' | 'unknown';

const connectTimeoutMs = 5_000;
const answerMs = 15_000;
const mostBytes = 256 * 1024;

/** Makes one request to cPanel's port. Never throws; the session that cPanel opens is left to run out. */
export async function checkAccount(
  target: AccountSignInTarget,
  user: string,
  password: string,
): Promise<AccountSignIn> {
  const agent = new MasterAgent({ ...target, port: target.cpanelPort, connectTimeoutMs, idleMs: 1000 });
  try {
    return await ask(agent, target, new URLSearchParams({ user, pass: password }).toString());
  } finally {
    agent.destroy();
  }
}

function ask(agent: MasterAgent, target: AccountSignInTarget, body: string): Promise<AccountSignIn> {
  return new Promise((resolve) => {
    const request = https.request(
      {
        agent,
        host: target.connect ?? target.hostname,
        port: target.cpanelPort,
        method: 'POST',
        path: '/login/?login_only=1',
        timeout: answerMs,
        headers: {
          Host: `${target.hostname}:${target.cpanelPort}`,
          'Content-Type': 'application/x-www-form-urlencoded',
          'Content-Length': Buffer.byteLength(body),
          'User-Agent': 'Tandem',
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => {
          text += chunk;
          if (text.length > mostBytes) request.destroy();
        });
        answer.on('end', () => resolve(meaningOf(answer.statusCode ?? 0, text)));
        answer.on('error', () => resolve('unknown'));
      },
    );
    request.on('timeout', () => request.destroy());
    // No answer proves nothing about the password; the caller says so.
    request.on('error', () => resolve('unknown'));
    request.on('close', () => resolve('unknown'));
    request.end(body);
  });
}

/** What cpsrvd's answer to a sign-in says. Exported for its table of tests. */
export function meaningOf(status: number, text: string): AccountSignIn {
  if (status === 401 || status === 403) return 'wrong';
  if (status !== 200) return 'unknown';
  if (text.includes('tfa_login_form')) return 'code';
  const body = bodyOf(text);
  const token = field(body, 'security_token');
  return isOne(field(body, 'status')) && typeof token === 'string' && token !== '' ? 'right' : 'unknown';
}

function bodyOf(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    return isFields(body) ? body : undefined;
  } catch {
    // A page instead of JSON says nothing about the password.
    return undefined;
  }
}
