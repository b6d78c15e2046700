/** What a freshly installed server has. */

import type { Engine } from './engine.ts';
import type { SimulatorOptions } from './index.ts';
import { type ApiToken, featureLists, type Settings, settings, tokens } from './tables.ts';
import { newToken } from './tokens.ts';

const ROOT_TOKEN = 'whm/root/root';

function rootToken(engine: Engine, wanted: string | undefined): ApiToken {
  const row: ApiToken = {
    user: 'root',
    name: 'root',
    token: wanted ?? newToken(engine.host),
    service: 'whm',
    acls: [],
    createTime: Math.floor(engine.host.now() / 1000),
    expiresAt: null,
    whitelistIps: [],
  };
  return row;
}

function settingsFrom(engine: Engine, options: SimulatorOptions, rootPassword: string): Settings {
  const before = engine.state.of(settings).get('server');
  const fresh: Settings = {
    hostname: engine.host.hostname,
    rootPassword,
    seats: null,
    minimumStrength: 65,
    nameservers: ['ns1.example.net', 'ns2.example.net'],
    dedicated: [],
    uidStart: uidStartOf(options.id),
  };
  const { seats, minimumStrength, nameservers, dedicated, uidStart } = options;
  const asked = Object.entries({ seats, minimumStrength, nameservers, dedicated, uidStart }).filter(
    ([, value]) => value !== undefined,
  );
  return { ...fresh, ...before, hostname: fresh.hostname, rootPassword, ...Object.fromEntries(asked) };
}

/** Fills an empty state; in one that exists, only what was asked for by name is set anew. */
export function seed(
  engine: Engine,
  options: SimulatorOptions,
): { readonly rootToken: string; readonly rootPassword: string } {
  const { state, host } = engine;
  const token = state.of(tokens).get(ROOT_TOKEN);
  const rootPassword = options.rootPassword ?? state.of(settings).get('server')?.rootPassword ?? host.randomText(20);
  engine.change(() => {
    state.of(settings).set('server', settingsFrom(engine, options, rootPassword));
    if (token === undefined || options.rootToken !== undefined) {
      state.of(tokens).set(ROOT_TOKEN, rootToken(engine, options.rootToken));
    }
    for (const name of ['default', 'disabled']) {
      if (!state.of(featureLists).has(name)) state.of(featureLists).set(name, { name, owner: 'root', features: {} });
    }
  });
  return { rootToken: state.of(tokens).get(ROOT_TOKEN)?.token ?? '', rootPassword };
}

/** Two servers never number alike: the first uid follows from the id. */
function uidStartOf(id: string): number {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) % 900;
  return 1001 + sum;
}
