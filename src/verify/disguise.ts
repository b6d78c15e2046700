import type { Evidence, Exchange, Facts, Json, Step, Values } from './model.ts';

/** Takes out of evidence whatever tells which server and whose accounts it came from. */
export interface Disguise {
  /** Texts that the simulator says as well stay; others become 'text', unless they are sentences to people. */
  evidence(step: Pick<Step, 'maps'>, master: Evidence, simulator: Evidence | undefined): Evidence;
}

/** Sentences to people: worth keeping, with names taken out. */
const sentences = new Set(['reason', 'error', 'errors', 'statusmsg', 'message', 'messages', 'warnings', 'statustxt']);

/** Texts that say nothing about anybody: numbers, sizes, yes and no, and words of the interface. */
const numbers = /^(?:|-?\d+(?:\.\d+)?[MGKB]?|11\.\d{3}\.\d{1,2}\.\d{1,3})$/u;
const words = /^(?:[yn]|yes|no|on|off|ok|none|auto|unlimited|\*unknown\*|•••|root|default|main|addon|parked|sub)$/iu;
const recordTypes = /^(?:SOA|NS|A|AAAA|MX|CNAME|TXT|SRV|CAA|record|comment|control)$/u;

const address = /\b(?:\d{1,3}\.){3}\d{1,3}\b/gu;
const mail = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu;

function saysNothing(text: string): boolean {
  return numbers.test(text) || words.test(text) || recordTypes.test(text);
}

function replacements(values: Values, target: Target): readonly (readonly [string, string])[] {
  const pairs: readonly (readonly [string, string])[] = [
    [values.domain, 'account.example'],
    [values.otherDomain, 'other.example'],
    [`${values.user}x`, 'renamed'],
    [values.user, 'account'],
    [values.other, 'other'],
    [target.hostname, 'master.example'],
    [target.address, '192.0.2.1'],
    ...(target.connect === undefined ? [] : [[target.connect, '192.0.2.1'] as const]),
  ];
  return [...pairs].sort(([a], [b]) => b.length - a.length);
}

interface About {
  /** Texts that the simulator says too. */
  readonly known: ReadonlySet<string>;
  /** Paths whose keys are names of things. */
  readonly maps: readonly string[];
}

interface Target {
  readonly hostname: string;
  readonly address: string;
  readonly connect?: string;
}

/** Every text in a value, keys included. */
function textsOf(value: Json, found: Set<string> = new Set()): ReadonlySet<string> {
  if (typeof value === 'string') found.add(value);
  else if (Array.isArray(value)) for (const one of value) textsOf(one, found);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      found.add(key);
      textsOf(one, found);
    }
  }
  return found;
}

function decoded(text: string): string {
  return Buffer.from(text, 'base64').toString('utf8');
}

function encoded(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Builds it for one run: its own names become fixed ones, everybody else's become nothing. */
export function disguiseOf(values: Values, target: Target): Disguise {
  const pairs = replacements(values, target);
  const uids = new Map([values.uid, values.uid + 1].map((uid, n) => [uid, 60_000 + n]));
  function named(text: string): string {
    const uid = uids.get(Number(text));
    if (uid !== undefined) return String(uid);
    const swapped = pairs.reduce((clean, [from, to]) => (from === '' ? clean : clean.replaceAll(from, to)), text);
    if (numbers.test(swapped)) return swapped;
    return swapped
      .replace(address, (found) => (found.startsWith('192.0.2.') ? found : '192.0.2.250'))
      .replace(mail, (found) => (found.endsWith('.example') ? found : 'somebody@somewhere.example'));
  }

  function hide(value: Json, about: About, key = '', path = ''): Json {
    if (typeof value === 'string') return hideText(value, about, key);
    if (Array.isArray(value)) return value.map((one) => hide(one, about, key, `${path}[]`));
    if (typeof value !== 'object' || value === null) return hideNumber(value);
    const isMap = about.maps.includes(path);
    const below = (name: string): string => (isMap ? `${path}.*` : path === '' ? name : `${path}.${name}`);
    return Object.fromEntries(
      Object.entries(value).map(([name, one], n) => [
        hideKey(name, n, isMap, about.known),
        hide(one, about, name, below(name)),
      ]),
    );
  }

  function hideNumber(value: number | boolean | null): number | boolean | null {
    return typeof value === 'number' ? (uids.get(value) ?? value) : value;
  }

  /** A key is a word of the interface, which is what a recording is for, or somebody's name. */
  function hideKey(name: string, n: number, isMap: boolean, known: ReadonlySet<string>): string {
    if (known.has(name)) return named(name);
    if (!isMap && /^[A-Za-z_]\w{0,40}$/u.test(name)) return named(name);
    const swapped = named(name);
    return swapped === name ? `name-${n}` : swapped;
  }

  function hideText(text: string, about: About, key: string): string {
    if (key.endsWith('_b64') || key === 'text_b64') return encoded(hideText(decoded(text), about, 'reason'));
    const swapped = named(text);
    if (sentences.has(key) || about.known.has(text) || saysNothing(text)) return swapped;
    return swapped === text ? 'text' : swapped;
  }

  function exchange(one: Exchange, about: About): Exchange {
    const form = one.request.form.map(([name, value]) => [name, named(value)] as const);
    return {
      ...one,
      request: { ...one.request, path: named(one.request.path), form },
      body: typeof one.body === 'string' ? named(one.body) : hide(one.body, about),
    };
  }

  return {
    evidence(step, master, simulator) {
      const known = new Set((simulator?.exchanges ?? []).flatMap((one) => [...textsOf(one.body)]));
      const about: About = { known, maps: step.maps ?? [] };
      const facts: Facts = Object.fromEntries(
        Object.entries(master.facts).map(([name, fact]) => [name, hide(fact, about, 'reason')]),
      );
      return { step: master.step, facts, exchanges: master.exchanges.map((one) => exchange(one, about)), late: [] };
    },
  };
}
