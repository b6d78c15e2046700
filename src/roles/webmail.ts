/** Webmail's two ends: the gate to the masters' mail servers, and PHP that runs Roundcube. */
import type { TLSSocket } from 'node:tls';
import type { Config } from '../config.ts';
import { activeMaster } from '../operations/active.ts';
import type { WebmailDoor } from '../routes/customer/deps.ts';
import { webmailEntry } from '../routes/customer/webmail/app.ts';
import { openMailTokens } from '../webmail/credentials.ts';
import { askFastCgi } from '../webmail/fastcgi.ts';
import { openGate } from '../webmail/gate.ts';
import { MasterDoor } from '../whm/connection.ts';
import type { Core } from './core.ts';

const connectTimeoutMs = 10_000;
/** Roundcube itself gives up on a mail server after 30 s. */
const phpIdleMs = 60_000;

/** Opens the gate, where webmail is configured. Closed with the core's lifecycle. */
export async function openWebmail(core: Core): Promise<WebmailDoor | undefined> {
  const { config, log, lifecycle } = core;
  const { webmail } = config;
  if (webmail === undefined) return undefined;
  const doors = doorsOf(config.masters);
  const tokens = openMailTokens();
  const gate = await openGate({
    tokens,
    master: webmail.master,
    async dial(account, protocol) {
      const active = await core.journal.read((db) => activeMaster(core.deps, db, account));
      const door = doors.get(`${active.master} ${protocol}`);
      if (door === undefined) throw new RangeError(`no master is called ${active.master}`);
      return connected(door);
    },
    onTrouble: ({ account, mailbox }, protocol, reason) =>
      log.warn({ account, mailbox, protocol, reason }, 'webmail could not sign in at the active master'),
  });
  lifecycle.onClose('webmail', async () => {
    for (const door of doors.values()) door.close();
    await gate.close();
  });
  return {
    port: webmail.port,
    homePort: config.passthrough.cpanelPort,
    assets: webmail.assets,
    entry: webmail.entry ?? webmailEntry(),
    imapPort: gate.imapPort,
    smtpPort: gate.smtpPort,
    give: tokens.give,
    ask: (params, body) =>
      askFastCgi({
        socket: webmail.php,
        params,
        ...(body === undefined ? {} : { body }),
        idleMs: phpIdleMs,
        onTrouble: (text) => log.warn({ reason: text.slice(0, 2000) }, 'PHP reports trouble'),
      }),
  };
}

function doorsOf(masters: Config['masters']): ReadonlyMap<string, MasterDoor> {
  return new Map(
    masters.flatMap(({ id, mail }) =>
      (['imap', 'smtp'] as const).map((protocol) => {
        const { imapPort, submissionPort, ...to } = mail;
        const port = protocol === 'imap' ? imapPort : submissionPort;
        return [`${id} ${protocol}`, new MasterDoor({ ...to, port, connectTimeoutMs, idleMs: 0 })] as const;
      }),
    ),
  );
}

function connected(door: MasterDoor): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    door.connect((error, socket) => (socket === undefined ? reject(error) : resolve(socket)));
  });
}
