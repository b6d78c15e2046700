/** The two ports of a server, taken down and brought back together. */
import { oneByOne } from '../one-by-one.ts';
import type { Side } from './auth.ts';
import { httpHandler, type Listener, openListener } from './server.ts';
import type { Service } from './service.ts';

export interface Ports {
  readonly whm: number;
  readonly cpanel: number;
  /** Refuse connections from now on. Changes happen one after the other. */
  down(): Promise<void>;
  up(): Promise<void>;
}

export interface PortsOptions {
  readonly address: string;
  readonly whmPort: number;
  readonly cpanelPort: number;
  readonly tls: { readonly key: string; readonly cert: string };
  readonly service: Service;
  /** Where the files of uploads are put until a call takes them. */
  readonly uploads?: string;
  readonly onError: (error: unknown) => void;
}

/** Opens both or, when one cannot be had, none. */
export async function openPorts(options: PortsOptions): Promise<Ports> {
  const { address, tls, service, onError } = options;
  const open = (side: Side, port: number): Promise<Listener> =>
    openListener({ address, port, tls }, httpHandler(side, service, onError, options.uploads));
  const whm = await open('whm', options.whmPort);
  const cpanel = await open('cpanel', options.cpanelPort).catch(async (error: unknown) => {
    await whm.down();
    throw error;
  });
  const inTurn = oneByOne();
  const queue = (work: (listener: Listener) => Promise<void>): Promise<void> =>
    inTurn(async () => {
      await Promise.all([work(whm), work(cpanel)]);
    });
  return {
    whm: whm.port,
    cpanel: cpanel.port,
    down: () => queue((listener) => listener.down()),
    up: () => queue((listener) => listener.up()),
  };
}
