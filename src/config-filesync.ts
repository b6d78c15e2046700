/** How the agents of file sync are asked: `masters.*.filesync`, as part of the configuration and by itself. */
import { z } from 'zod';
import type { Files } from './config-files.ts';
import { host, kindFrom, port, text } from './config-types.ts';

/** How the control node reaches an agent: by ssh with a key that may ask and nothing else, or as its neighbour. */
export type FilesWay =
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly keyFile: string;
      readonly knownHostsFile: string;
    }
  /** The agent's state folder on this machine. Paths are absolute. */
  | { readonly kind: 'folder'; readonly path: string };

/** The way to the agent of file sync on a master. */
export const agentWay = z.preprocess(
  kindFrom('path', 'folder', 'ssh'),
  z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('ssh'),
      host: host.optional(),
      port: port.default(22),
      user: z
        .string()
        .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'must be a user name')
        .default('root'),
      keyFile: text,
      knownHostsFile: text,
    }),
    z.strictObject({ kind: z.literal('folder'), path: text }),
  ]),
);

/** A way with its files and its host. */
export function filesWayOf(given: z.output<typeof agentWay>, usualHost: string, files: Files): FilesWay {
  if (given.kind === 'folder') return { ...given, path: files.path(given.path) };
  const { host: named = usualHost, keyFile, knownHostsFile, ...kept } = given;
  return { ...kept, host: named, keyFile: files.path(keyFile), knownHostsFile: files.path(knownHostsFile) };
}
