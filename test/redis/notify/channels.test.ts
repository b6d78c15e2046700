import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import type { Channel, Message } from '../../../src/notify/channels/channel.ts';
import { smstoolsChannel } from '../../../src/notify/channels/smstools.ts';
import { smtpChannel } from '../../../src/notify/channels/smtp.ts';
import { readCallback, twilioChannel } from '../../../src/notify/channels/twilio.ts';
import { webhookChannel } from '../../../src/notify/channels/webhook.ts';
import { tempDir } from '../../support/processes.ts';

const at = Date.UTC(2026, 10, 28, 13, 41);
const message: Message = {
  id: 'dead:m1|ana|sms|begun 1',
  event: {
    key: 'dead:m1',
    severity: 'critical',
    at,
    heardAt: at,
    sentence: 'M1 is dead',
    command: 'tandem failover status',
  },
  telling: { kind: 'begun', n: 1 },
  contact: { name: 'ana', sms: '+4915112345678', email: 'ana@example.com', least: 'info', afterMs: 0 },
  node: 's3',
};
const never = new AbortController().signal;

interface Got {
  readonly request: IncomingMessage;
  readonly body: string;
}

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** An HTTP receiver that answers as told; `hang` never answers. */
async function receiver(answer: { status?: number; headers?: Record<string, string>; body?: string } | 'hang') {
  const got: Got[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    got.push({ request, body });
    if (answer === 'hang') return;
    response.writeHead(answer.status ?? 201, { 'content-type': 'application/json', ...answer.headers });
    response.end(answer.body ?? '{"sid":"SM1","status":"queued"}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/Accounts/AC1/Messages.json`, got };
}

function gateway(url: string): Channel {
  const callback = 'https://s3.example.net/notify/sms';
  return twilioChannel({ url, account: 'AC1', token: 'its-token', from: '+4930', callback }, () => at);
}

describe('an SMS gateway', () => {
  it('gets number, text and call-back as a form, with Basic authorization', async () => {
    const { url, got } = await receiver({});
    expect(await gateway(url).send(message, never)).toEqual({ providerId: 'SM1' });
    const form = new URLSearchParams(got[0]?.body);
    expect(Object.fromEntries(form)).toEqual({
      To: '+4915112345678',
      From: '+4930',
      Body: 'ALARM: M1 is dead\nSince 2026-11-28 13:41 UTC.\nType: tandem failover status\nTandem on s3',
      StatusCallback: 'https://s3.example.net/notify/sms',
    });
    expect(got[0]?.request.headers.authorization).toBe(`Basic ${Buffer.from('AC1:its-token').toString('base64')}`);
  });

  it.each([
    ['500', { status: 500 }, /answered 500/, undefined],
    ['429, with its own wish', { status: 429, headers: { 'retry-after': '17' } }, /answered 429/, 17_000],
    [
      'a redirect, which is not followed',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      /answered 302/,
      undefined,
    ],
    ['an HTML page', { body: '<html>' }, /nobody can read/, undefined],
    ['failed at once', { body: '{"sid":"SM1","status":"failed"}' }, /says failed/, undefined],
  ])('that answers %s has not taken it, and the error holds no token', async (_what, answer, text, afterMs) => {
    const { url } = await receiver(answer);
    const error: unknown = await gateway(url)
      .send(message, never)
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'notify.not-sent', message: expect.stringMatching(text), afterMs });
    expect(JSON.stringify(error) + String(error)).not.toContain('its-token');
  });

  it('that hangs is given up when told', async () => {
    const { url } = await receiver('hang');
    const stop = new AbortController();
    const sending = gateway(url).send(message, stop.signal);
    setTimeout(() => stop.abort(), 50);
    await expect(sending).rejects.toMatchObject({ code: 'notify.not-sent' });
  });

  it('reports are believed only with its signature', () => {
    const settings = { token: 'its-token', callback: 'https://s3.example.net/notify/sms' };
    const form = { MessageSid: 'SM1', MessageStatus: 'undelivered', To: '+49' };
    const signed = `${settings.callback}MessageSidSM1MessageStatusundeliveredTo+49`;
    const signature = createHmac('sha1', 'its-token').update(signed).digest('base64');
    expect(readCallback(settings, signature, form)).toEqual({ providerId: 'SM1', status: 'undelivered', lost: true });
    expect(readCallback(settings, signature, { ...form, MessageStatus: 'delivered' })).toBeUndefined();
    expect(readCallback(settings, '', form)).toBeUndefined();
    expect(readCallback({ ...settings, token: 'another' }, signature, form)).toBeUndefined();
  });
});

describe('an own modem', () => {
  it('finds a whole file in its spool, in the format of smsd', async () => {
    const dir = tempDir('tandem-sms');
    await smstoolsChannel(dir.path).send(message, never);
    const [name = '', ...others] = readdirSync(dir.path);
    expect(others).toEqual([]);
    expect(readFileSync(`${dir.path}/${name}`, 'utf8')).toBe(
      'To: 4915112345678\nAlphabet: UTF-8\n\nALARM: M1 is dead\nSince 2026-11-28 13:41 UTC.\nType: tandem failover status\nTandem on s3',
    );
    dir.remove();
  });

  it('gets other alphabets as UCS-2', async () => {
    const dir = tempDir('tandem-sms');
    await smstoolsChannel(dir.path).send({ ...message, event: { ...message.event, sentence: 'M1 śpi' } }, never);
    const file = readFileSync(`${dir.path}/${readdirSync(dir.path)[0]}`);
    const head = file.indexOf('\n\n') + 2;
    expect(file.subarray(0, head).toString()).toContain('Alphabet: UCS2');
    expect(Buffer.from(file.subarray(head)).swap16().toString('utf16le')).toContain('ALARM: M1 śpi');
    dir.remove();
  });

  it('without its spool it has not taken it', async () => {
    await expect(smstoolsChannel('/nowhere/spool').send(message, never)).rejects.toMatchObject({
      code: 'notify.not-sent',
    });
  });
});

describe('a mail server', () => {
  async function mailServer(refuse = false) {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, _session, done) {
        let text = '';
        stream.on('data', (chunk: Buffer) => {
          text += chunk.toString();
        });
        stream.on('end', () => {
          mails.push(text);
          done(refuse ? new Error('mailbox is full') : null);
        });
      },
    });
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    open.push(() => new Promise((resolve) => server.close(resolve)));
    return { port: (server.server.address() as AddressInfo).port, mails };
  }
  const from = 'Tandem <tandem@example.com>';

  it('gets subject, text and a thread', async () => {
    const { port, mails } = await mailServer();
    await smtpChannel({ host: '127.0.0.1', port, security: 'none', from }).send(message, never);
    const mail = await simpleParser(mails[0] ?? '');
    expect(mail.subject).toBe('ALARM: M1 is dead');
    expect(mail.text).toContain('tandem failover status');
    expect(mail.text).toContain("tandem notify ack 'dead:m1'");
    expect(mail.headers.get('auto-submitted')).toBe('auto-generated');
    expect(mail.references).toBeDefined();
  });

  it('that refuses, or speaks no TLS where TLS is demanded, has not taken it', async () => {
    const { port } = await mailServer(true);
    const host = '127.0.0.1';
    const notTaken = { code: 'notify.not-sent' };
    await expect(smtpChannel({ host, port, security: 'none', from }).send(message, never)).rejects.toMatchObject(
      notTaken,
    );
    const mail = await mailServer();
    await expect(
      smtpChannel({ host, port: mail.port, security: 'starttls', from }).send(message, never),
    ).rejects.toMatchObject(notTaken);
    expect(mail.mails).toEqual([]);
  });
});

describe('a webhook', () => {
  it('gets signed JSON', async () => {
    const { url, got } = await receiver({ status: 200, body: '' });
    const contact = { ...message.contact, webhook: { url, secret: 'its-secret' } };
    await webhookChannel(() => at).send({ ...message, contact }, never);
    const { request, body } = got[0] ?? { request: undefined, body: '' };
    const id = request?.headers['webhook-id'];
    const time = request?.headers['webhook-timestamp'];
    const signature = createHmac('sha256', 'its-secret').update(`${id}.${time}.${body}`).digest('base64');
    expect(request?.headers['webhook-signature']).toBe(`v1,${signature}`);
    expect(JSON.parse(body)).toMatchObject({ event: 'dead:m1', kind: 'begun', sentence: 'M1 is dead', node: 's3' });
  });
});
