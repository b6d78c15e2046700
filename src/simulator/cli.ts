/** `tandem sim`: one simulated server from the command line. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { RealServer } from './backing.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from './index.ts';

export interface SimIo {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  /** Ends the simulator. */
  readonly signal: AbortSignal;
}

const HELP = `tandem sim: a simulated WHM/cPanel server

  --id ID              short name, for example m1; host-specific values follow from it
  --state DIR          where its state is kept; made when missing
  --listen ADDRESS     address of WHM and cPanel (default 127.0.0.1)
  --whm-port PORT      default 2087; 0 takes a free one
  --cpanel-port PORT   default 2083; 0 takes a free one
  --control ADDR:PORT  faults, calls and state: http://ADDR:PORT/_sim (default: a free port on the same address)
  --version VERSION    cPanel version (default 11.134.0.20)
  --hostname NAME      default ID.example.net
  --address IP         main shared address (default: the one listened on)
  --dedicated IP,IP    addresses that accounts can have for themselves
  --nameservers A,B    default ns1.example.net,ns2.example.net
  --seats N            accounts that the licence allows (default: any number)
  --uid-start N        first uid given out
  --minimum-strength N password strength asked for, 0 to 100 (default 65)
  --root-token TOKEN   API token of root (default: made at first start, shown)
  --root-password PW   password of root (default: made at first start)
  --mariadb URL        its MySQL databases are those of this server: mysql://USER:PASSWORD@HOST:PORT, or
                       mysql://USER@localhost?socket=FILE
  --postgres URL       its PostgreSQL databases are those of this server: postgres://…, the same way, socket=FOLDER
`;

/** The administrator and place of a real server. */
function realServer(protocol: string) {
  return z
    .string()
    .refine(
      (text) => URL.canParse(text) && new URL(text).protocol === protocol,
      `an address that begins with ${protocol}`,
    )
    .transform((text): RealServer => {
      const url = new URL(text);
      const socket = url.searchParams.get('socket');
      return {
        user: decodeURIComponent(url.username),
        host: url.hostname,
        ...(url.port === '' ? {} : { port: Number(url.port) }),
        ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
        ...(socket === null ? {} : { socket }),
      };
    });
}

const flags = z.object({
  id: z.string().regex(/^[a-z][a-z0-9-]*$/u, 'a short name such as m1'),
  state: z.string().min(1),
  listen: z.string().default('127.0.0.1'),
  'whm-port': z.coerce.number().int().min(0).max(65_535).default(2087),
  'cpanel-port': z.coerce.number().int().min(0).max(65_535).default(2083),
  control: z
    .string()
    .regex(/^[\d.]+:\d+$/u, 'an address and a port, such as 127.0.1.1:9087')
    .optional(),
  version: z
    .string()
    .regex(/^\d+(\.\d+)+$/u, 'numbers and dots, such as 11.134.0.20')
    .optional(),
  hostname: z.string().optional(),
  address: z.ipv4().optional(),
  dedicated: z.string().optional(),
  nameservers: z.string().optional(),
  seats: z.coerce.number().int().min(0).optional(),
  'uid-start': z.coerce.number().int().min(500).optional(),
  'minimum-strength': z.coerce.number().int().min(0).max(100).optional(),
  'root-token': z.string().optional(),
  'root-password': z.string().optional(),
  mariadb: realServer('mysql:').optional(),
  postgres: realServer('postgres:').optional(),
});

type Flags = z.output<typeof flags>;

function listOf(text: string | undefined): readonly string[] | undefined {
  return text === undefined
    ? undefined
    : text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '');
}

/** Leaves out what was not given, as the options want it. */
function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  // Entries without undefined are exactly what the type says.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function optionsOf(read: Flags): SimulatorOptions {
  const [controlAddress, controlPort] = read.control?.split(':') ?? [];
  return {
    id: read.id,
    stateDir: read.state,
    listen: read.listen,
    whmPort: read['whm-port'],
    cpanelPort: read['cpanel-port'],
    ...given({
      control: controlPort === undefined ? undefined : Number(controlPort),
      controlAddress,
      version: read.version,
      hostname: read.hostname,
      address: read.address,
      dedicated: listOf(read.dedicated),
      nameservers: listOf(read.nameservers),
      seats: read.seats,
      uidStart: read['uid-start'],
      minimumStrength: read['minimum-strength'],
      rootToken: read['root-token'],
      rootPassword: read['root-password'],
    }),
    databases: given({ mariadb: read.mariadb, postgres: read.postgres }),
  };
}

function parse(argv: readonly string[]): { readonly values: unknown } | { readonly problem: string } {
  const options = Object.fromEntries(Object.keys(flags.shape).map((name) => [name, { type: 'string' as const }]));
  try {
    return { values: parseArgs({ args: [...argv], options, strict: true }).values };
  } catch (error) {
    // parseArgs throws TypeErrors whose message is meant for the person.
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function announce(io: SimIo, id: string, simulator: Simulator): void {
  const { whmUrl, cpanelUrl, controlUrl, rootToken } = simulator;
  io.stdout.write(`${JSON.stringify({ id, whmUrl, cpanelUrl, controlUrl, rootToken })}\n`);
}

/**
 * Runs until `io.signal` aborts. When it is ready it writes one line of JSON to stdout: id, whmUrl, cpanelUrl,
 * controlUrl, rootToken. Answers with the exit code: 0, or 2 for bad flags or a port that cannot be had.
 */
export async function simCommand(argv: readonly string[], io: SimIo): Promise<number> {
  if (argv.includes('--help')) {
    io.stdout.write(HELP);
    return 0;
  }
  const parsed = parse(argv);
  const read = 'values' in parsed ? flags.safeParse(parsed.values) : undefined;
  if (read === undefined || !read.success) {
    const problem = 'problem' in parsed ? parsed.problem : read?.error === undefined ? '' : z.prettifyError(read.error);
    io.stderr.write(`${problem}\n\n${HELP}`);
    return 2;
  }
  const simulator = await startSimulator(optionsOf(read.data)).catch((error: unknown) => {
    io.stderr.write(`The simulator cannot start: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (simulator === undefined) return 2;
  announce(io, read.data.id, simulator);
  await untilAborted(io.signal);
  await simulator.close();
  return 0;
}
