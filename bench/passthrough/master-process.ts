/** A master that answers three functions at once, over TLS, so that what lies before it is all that takes time. */
import { createServer } from 'node:https';

export interface MasterArgs {
  readonly cert: string;
  readonly key: string;
  readonly accounts: number;
}

export type MasterReply = { readonly kind: 'ready'; readonly port: number };

const args = JSON.parse(process.argv[2] ?? '') as MasterArgs;

function account(number: number) {
  const user = `a${number}`;
  return {
    user,
    domain: `${user}.example`,
    owner: 'root',
    plan: 'gold',
    email: `${user}@contact.example`,
    ip: '127.0.0.1',
    partition: 'home',
    shell: '/usr/local/cpanel/bin/noshell',
    theme: 'jupiter',
    startdate: '13 May 22 16:03',
    unix_startdate: 1_652_457_780,
    diskused: `${number}M`,
    disklimit: '1000M',
    suspended: 0,
    suspendreason: 'not suspended',
    maxpop: 'unlimited',
    ipv6: [],
  };
}

function body(command: string, data: unknown): string {
  return JSON.stringify({ data, metadata: { command, reason: 'OK', result: 1, version: 1 } });
}

const all = Array.from({ length: args.accounts }, (_, number) => account(number));
const answers: Readonly<Record<string, string>> = {
  version: body('version', { version: '11.134.0.20' }),
  accountsummary: body('accountsummary', { acct: [account(1)] }),
  listaccts: body('listaccts', { acct: all }),
};
const unknown = JSON.stringify({ metadata: { result: 0, reason: 'Unknown app requested', version: 1 } });

const server = createServer({ cert: args.cert, key: args.key, keepAlive: true }, (request, response) => {
  request.resume();
  request.on('end', () => {
    const fn = /\/json-api\/([a-z]+)/.exec(request.url ?? '')?.[1] ?? '';
    const text = answers[fn] ?? unknown;
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', Buffer.byteLength(text));
    response.end(text);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') process.send?.({ kind: 'ready', port: address.port });
});
process.on('disconnect', () => process.exit(0));
