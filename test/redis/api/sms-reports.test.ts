import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { errorHandler } from '../../../src/routes/api/errors.ts';
import { smsReportsRouter } from '../../../src/routes/api/sms-reports.ts';
import { testLog } from '../../support/log.ts';

const taken: (readonly [string, Readonly<Record<string, string>>])[] = [];
let server: Server;
let url = '';

beforeAll(async () => {
  const app = express().use(
    smsReportsRouter(async (signature, form) => {
      taken.push([signature, form]);
      return signature === 'ours';
    }),
    errorHandler(testLog().log),
  );
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/notify/sms`;
});
afterAll(async () => {
  server.close();
  await once(server, 'close');
});

async function post(body: string, signature?: string): Promise<number> {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    ...(signature === undefined ? {} : { 'x-twilio-signature': signature }),
  };
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

it('a signed report is taken; anything else is refused', async () => {
  expect(await post('MessageSid=SM1&MessageStatus=failed&To=%2B49', 'ours')).toBe(204);
  expect(taken.at(-1)).toEqual(['ours', { MessageSid: 'SM1', MessageStatus: 'failed', To: '+49' }]);
  expect(await post('MessageSid=SM1', 'of another')).toBe(403);
  expect(await post('MessageSid=SM1')).toBe(403);
  // A name that is given twice has no agreed signature, so it is not looked at.
  await post('MessageSid=SM1&MessageSid=SM2&To=1', 'ours');
  expect(taken.at(-1)?.[1]).toEqual({ To: '1' });
});

it('a large body is cut off', async () => {
  const before = taken.length;
  expect(await post(`To=${'1'.repeat(10_000)}`, 'ours')).toBe(413);
  expect(taken).toHaveLength(before);
});
