/** What a watcher needs to publish zones: `watch.publish`, and the masters' addresses where the file has them. */
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { type LoadOptions, readRaw } from './config.ts';
import { issuesOf } from './config-checks.ts';
import { type Files, filesFrom } from './config-files.ts';
import { type PublishSection, publishSection } from './config-publish-schema.ts';
import { Invalid, type Issue } from './errors.ts';

type GivenServer = PublishSection['servers'][number];
type Kind = GivenServer['kind'];
type Given<K extends Kind> = Extract<GivenServer, { kind: K }>;

/** A server with its secrets read. */
export type PublishServer =
  | Given<'bind'>
  | Given<'powerdns'>
  | (Omit<Given<'rfc2136'>, 'key'> & {
      readonly key: { readonly name: string; readonly algorithm: string; readonly secret: string } | undefined;
    })
  | (Given<'powerdns-api'> & { readonly apiKey: string })
  | (Given<'route53'> & { readonly secret: string })
  | (Given<'cloudflare'> & { readonly token: string })
  | (Given<'cpanel'> & Believed);

interface Believed {
  readonly token: string;
  readonly tls:
    | { readonly kind: 'ca'; readonly pem: string }
    | { readonly kind: 'pin'; readonly fingerprint256: string };
}

/** A master whose own edits are taken. */
export type PublishSource = PublishSection['masters'][number] & Believed;

export interface PublishConfig extends Omit<PublishSection, 'servers' | 'masters' | 'accounts' | 'home' | 'pairs'> {
  readonly stateDir: string;
  readonly accounts: string;
  readonly home: string;
  readonly masters: readonly { readonly id: string; readonly hostname: string }[];
  readonly pairs: readonly Readonly<Record<string, string>>[];
  readonly servers: readonly PublishServer[];
  readonly sources: readonly PublishSource[];
}

/** Only what tells addresses: the rest of the masters' section may be wrong or absent on a watcher. */
const mastersShape = z.object({
  stateDir: z.string().min(1).default('./var'),
  masters: z
    .array(z.object({ id: z.string(), hostname: z.string().default(''), address: z.string().optional() }))
    .default([]),
  addressPairs: z.array(z.object({ addresses: z.record(z.string(), z.string()) })).default([]),
  watch: z.object({
    places: z.array(z.object({ id: z.string(), kind: z.string() })).default([]),
    publish: publishSection.optional(),
  }),
});

function believed(
  given: Pick<Given<'cpanel'>, 'tokenFile' | 'ca' | 'fingerprint'>,
  key: string,
  files: Files,
): Believed {
  return {
    token: files.text(`${key}.tokenFile`, given.tokenFile),
    tls:
      given.fingerprint === undefined
        ? { kind: 'ca', pem: files.pem(`${key}.ca`, given.ca ?? '', 'CERTIFICATE') }
        : { kind: 'pin', fingerprint256: given.fingerprint },
  };
}

/** The zone statements are Tandem's where BIND signs with masters' keys. */
function keysOf({ keyDirectory, list }: Given<'bind'>, key: string, files: Files): Pick<Given<'bind'>, 'keyDirectory'> {
  if (keyDirectory === undefined) return {};
  if (list === undefined) {
    const message = 'needs `list`: Tandem writes there how each zone is signed';
    files.issues.push({ path: `${key}.keyDirectory`, message });
  }
  return { keyDirectory: files.path(keyDirectory) };
}

function serverOf(given: GivenServer, files: Files): PublishServer {
  const key = `watch.publish.servers.${given.name}`;
  const list = 'list' in given && given.list !== undefined ? { list: files.path(given.list) } : {};
  switch (given.kind) {
    case 'bind':
      return { ...given, ...list, ...keysOf(given, key, files) };
    case 'powerdns':
      return { ...given, ...list };
    case 'rfc2136': {
      const { key: tsig, ...rest } = given;
      if (tsig === undefined) return { ...rest, key: undefined };
      const { secretFile, ...named } = tsig;
      return { ...rest, key: { ...named, secret: files.text(`${key}.key.secretFile`, secretFile) } };
    }
    case 'powerdns-api':
      return { ...given, apiKey: files.text(`${key}.keyFile`, given.keyFile) };
    case 'route53':
      return { ...given, secret: files.text(`${key}.secretFile`, given.secretFile) };
    case 'cloudflare':
      return { ...given, token: files.text(`${key}.tokenFile`, given.tokenFile) };
    case 'cpanel':
      return { ...given, ...believed(given, key, files) };
  }
}

type Shape = z.output<typeof mastersShape>;

function pairsOf(given: Shape, section: PublishSection): readonly Readonly<Record<string, string>>[] {
  const main = given.masters.flatMap(({ id, address }) => (address === undefined ? [] : [[id, address]]));
  return [
    ...(main.length > 1 ? [Object.fromEntries(main) as Record<string, string>] : []),
    ...given.addressPairs.map(({ addresses }) => addresses),
    ...section.pairs,
  ];
}

function crossIssues(section: PublishSection, ids: readonly string[], pairs: PublishConfig['pairs']): readonly Issue[] {
  const names = section.servers.map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const unknown = [
    ...new Set([
      ...(section.home === undefined ? [] : [section.home]),
      ...section.masters.map(({ id }) => id),
      ...pairs.flatMap(Object.keys),
    ]),
  ];
  return [
    ...twice.map((name) => ({ path: 'watch.publish.servers', message: `${name} stands there twice` })),
    ...unknown
      .filter((id) => !ids.includes(id))
      .map((id) => ({ path: 'watch.publish', message: `names ${id}, which is no master` })),
    ...(pairs.length === 0
      ? [
          {
            path: 'watch.publish.pairs',
            message:
              'must say which addresses stand for each other. Example: pairs: [{ m1: 192.0.2.10, m2: 198.51.100.10 }]',
          },
        ]
      : []),
  ];
}

/** `watch.publish`, or undefined when this watcher publishes nothing. Throws Invalid with an issue for every wrong key. */
export function loadPublishConfig(options: LoadOptions = {}): PublishConfig | undefined {
  const { raw, file } = readRaw(options);
  const where = file ?? 'the environment';
  const parsed = mastersShape.safeParse(raw);
  if (!parsed.success) throw new Invalid(`${where}: configuration is wrong`, issuesOf(parsed.error, raw));
  const { watch, masters, stateDir: state } = parsed.data;
  const section = watch.publish;
  if (section === undefined) return undefined;
  const files = filesFrom(file === undefined ? process.cwd() : dirname(resolve(file)));
  const places = watch.places.filter(({ kind }) => kind === 'master').map(({ id }) => ({ id, hostname: '' }));
  const known = masters.length > 0 ? masters.map(({ id, hostname }) => ({ id, hostname })) : places;
  const stateDir = join(files.path(state), 'publish');
  const pairs = pairsOf(parsed.data, section);
  const config: PublishConfig = {
    ...section,
    stateDir,
    zones: files.path(section.zones),
    accounts: section.accounts === undefined ? join(stateDir, 'userdomains') : files.path(section.accounts),
    home: section.home ?? known[0]?.id ?? '',
    masters: known,
    pairs,
    servers: section.servers.map((server) => serverOf(server, files)),
    sources: section.masters.map((one) => ({ ...one, ...believed(one, `watch.publish.masters.${one.id}`, files) })),
  };
  const issues = [
    ...crossIssues(
      section,
      known.map(({ id }) => id),
      pairs,
    ),
    ...files.issues,
  ];
  if (issues.length > 0) throw new Invalid(`${where}: configuration is wrong`, issues);
  return config;
}
