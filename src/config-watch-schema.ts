import { z } from 'zod';
import { publishSection } from './config-publish-schema.ts';
import { flag, host, milliseconds, port, text, whole } from './config-types.ts';

/** The shape of `watch` in tandem.yaml. */

const placeId = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be 1 to 32 small letters, digits and dashes and begin with a letter');

const ssh = z.strictObject({
  host: host.optional(),
  port: port.default(22),
  user: text.default('root'),
  key: text,
  knownHosts: text,
});

const probe = z.strictObject({
  url: z.string().regex(/^https?:\/\//, 'must begin with https://'),
  secretFile: text,
  ca: text.optional(),
});

const address = z.string().regex(/^https:\/\/[^/]+$/, 'must be https://host:port');

/** What a place of each kind must have. */
function complete(
  place: { kind: string; address?: unknown; url?: unknown; ssh?: unknown; probe?: unknown },
  context: z.RefinementCtx,
): void {
  const say = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
  if (place.kind === 'master' && place.address === undefined)
    say('address', 'is missing. Example: address: 192.0.2.10');
  if (place.kind === 'watcher' && place.url === undefined) {
    say('url', 'is missing. Example: url: https://192.0.2.3:2484');
  }
  const ways = [place.url, place.ssh, place.probe].filter((way) => way !== undefined).length;
  if (place.kind === 'witness' && ways !== 1) {
    say('url', 'or ssh or probe, exactly one, says how the witness is asked. Example: url: https://203.0.113.5:2484');
  }
}

const place = z
  .strictObject({
    id: placeId,
    kind: z.enum(['master', 'watcher', 'witness']),
    site: text,
    address: host.optional(),
    url: address.optional(),
    ssh: ssh.optional(),
    probe: probe.optional(),
  })
  .superRefine(complete);

/** A check; keys that its kind adds are judged by the kind, in the watch role. */
const check = z.looseObject({
  id: placeId,
  kind: text,
  vital: flag.default(false),
  masters: z.array(placeId).optional(),
  host: host.optional(),
  parents: z.array(placeId).default([]),
  everyMs: milliseconds.optional(),
  retryMs: milliseconds.optional(),
  timeoutMs: milliseconds.optional(),
  attempts: whole(1, 20).optional(),
});

/** A host of which any answer shows that this watcher is not the one that is cut off. */
const anchor = z.strictObject({ host, port });

const timing = z.strictObject({
  everyMs: milliseconds.default(3000),
  retryMs: milliseconds.default(500),
  timeoutMs: milliseconds.default(1500),
  attempts: whole(1, 20).default(3),
  jitter: z.number().min(0).max(0.9).default(0.2),
  turnMs: milliseconds.default(1000),
  askMs: milliseconds.default(2000),
});

const limits = z.strictObject({
  holdDownMs: whole(0, 86_400_000).default(600_000),
  perDay: whole(0, 1000).default(2),
});

const returnGate = z.strictObject({
  greenMs: whole(0, 86_400_000).default(1_800_000),
  legMs: whole(0, 86_400_000).default(60_000),
  fileLagMs: whole(0, 86_400_000).default(60_000),
  databaseLagMs: whole(0, 86_400_000).default(10_000),
});

const worker = z.strictObject({ url: address, tokenFile: text, ca: text.optional() });

export const watchSection = z.strictObject({
  node: placeId.optional(),
  socket: text.optional(),
  listen: z.strictObject({ host, port: port.default(2484) }),
  tls: z.strictObject({ ca: text.optional(), cert: text.optional(), key: text.optional() }).prefault({}),
  portal: z.strictObject({ ca: text.optional(), cert: text.optional(), key: text.optional() }).prefault({}),
  places: z.array(place).min(2),
  anchors: z.array(anchor).min(1),
  checks: z
    .array(check)
    .min(1)
    .default([
      { id: 'https', kind: 'tcp', port: 443, vital: true, parents: [] },
      { id: 'smtp', kind: 'smtp', vital: true, parents: [] },
      { id: 'whm', kind: 'tcp', port: 2087, vital: true, parents: [] },
    ]),
  timing: timing.prefault({}),
  limits: limits.prefault({}),
  returnGate: returnGate.prefault({}),
  fence: flag.default(true),
  worker: worker.optional(),
  publish: publishSection.optional(),
});

/** `watch` as the file says it, checked for shape. */
export type WatchSection = z.output<typeof watchSection>;
