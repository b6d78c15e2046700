import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { messageOf } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import { answerJson, type Handler, serveCommand } from '../control/socket.ts';
import type { Topology } from '../verdict/topology.ts';
import { type Exchange, exchangeSchema, protocolVersion, seeRequest } from './protocol.ts';
import { peerOf, readJson } from './tls.ts';

/** The door for watchers, witnesses' askers and the portal: who may ask what follows from the certificate's name. */

export interface PeerDoor {
  readonly self: string;
  readonly topology: Topology;
  readonly log: Logger;
  /** Of a watcher. */
  readonly exchange?: (theirs: Exchange) => Promise<Exchange>;
  /** Of a witness. */
  readonly see?: () => Promise<Record<string, boolean>>;
  /** Of a watcher, for the portal's certificate alone. */
  readonly command?: Handler;
}

/** The common name of the portal's certificate. */
export const portalName = 'portal';

function isWatcher({ topology }: PeerDoor, id: string): boolean {
  return topology.places.some((place) => place.id === id && place.kind === 'watcher');
}

async function exchange(
  door: PeerDoor,
  peer: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readJson(incoming);
  if (!body.ok) return answerJson(response, 400, { error: body.why });
  const parsed = exchangeSchema.safeParse(body.value);
  if (!parsed.success) return answerJson(response, 400, { error: 'that is no exchange of this version' });
  if (parsed.data.from !== peer) return answerJson(response, 403, { error: 'that is not your name' });
  answerJson(response, 200, await door.exchange?.(parsed.data));
}

async function see(door: PeerDoor, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await readJson(incoming);
  if (!body.ok) return answerJson(response, 400, { error: body.why });
  const parsed = seeRequest.safeParse(body.value);
  if (!parsed.success) return answerJson(response, 400, { error: 'that is no question of this version' });
  answerJson(response, 200, { version: protocolVersion, from: door.self, sees: await door.see?.() });
}

async function route(door: PeerDoor, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const peer = peerOf(incoming);
  const what = `${incoming.method} ${incoming.url}`;
  if (peer === undefined) return answerJson(response, 403, { error: 'show a certificate' });
  if (what === 'POST /v1/exchange' && door.exchange !== undefined && isWatcher(door, peer) && peer !== door.self) {
    return exchange(door, peer, incoming, response);
  }
  if (what === 'POST /v1/see' && door.see !== undefined && isWatcher(door, peer)) return see(door, incoming, response);
  if (what === 'POST /v1/command' && door.command !== undefined && peer === portalName) {
    return serveCommand(incoming, response, door.command);
  }
  answerJson(response, 404, { error: 'there is nothing here for you' });
}

/** Answers whatever comes; a failure is logged and told, and harms nobody else. */
export function peerDoor(door: PeerDoor): RequestListener {
  return (incoming, response) => {
    route(door, incoming, response).catch((error: unknown) => {
      door.log.warn({ peer: peerOf(incoming), url: incoming.url, reason: messageOf(error) }, 'peer was not answered');
      if (!response.headersSent) answerJson(response, 500, { error: messageOf(error) });
    });
  };
}
