import { join } from 'node:path';
import type { Files } from './config-files.ts';
import type { WatchSection } from './config-watch-schema.ts';

type Kind = WatchSection['places'][number]['kind'];

/** How the portal reaches the watchers: a part of `watch` that needs nothing of a watcher's own. */
export interface WatchersConfig {
  readonly watchers: readonly { readonly id: string; readonly url: string }[];
  /** Everybody, for saying which faults switch by themselves. */
  readonly places: readonly { readonly id: string; readonly kind: Kind; readonly site: string }[];
  /** Absolute paths of the portal's certificate, made by `tandem watch pair`. Read when the portal starts. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string };
}

/** A missing certificate is no reason to refuse the whole configuration: the page says what is missing. */
export function watchersOf(section: WatchSection, stateDir: string, files: Files): WatchersConfig {
  const own = (name: string, given: string | undefined): string =>
    given === undefined ? join(stateDir, 'watch', 'portal', name) : files.path(given);
  const { portal, places } = section;
  return {
    places: places.map(({ id, kind, site }) => ({ id, kind, site })),
    watchers: places.flatMap(({ id, kind, url }) => (kind === 'watcher' && url !== undefined ? [{ id, url }] : [])),
    tls: { ca: own('ca.crt', portal.ca), cert: own('node.crt', portal.cert), key: own('node.key', portal.key) },
  };
}
