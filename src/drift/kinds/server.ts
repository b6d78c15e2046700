import { z } from 'zod';
import { whm } from '../../whm/call.ts';
import { type Answers, type Kind, noRepair, type Value } from '../model.ts';
import { seen, unread } from './reading.ts';

interface Setting {
  readonly name: string;
  readonly call: ReturnType<typeof whm>;
  read(data: unknown): string | undefined;
}

function tweak(key: string, name: string): Setting {
  const schema = z.object({ tweaksetting: z.object({ value: z.union([z.string(), z.number(), z.null()]) }) });
  return {
    name,
    call: whm('get_tweaksetting', { key }),
    read: (data) => {
      const parsed = schema.safeParse(data);
      return parsed.success ? String(parsed.data.tweaksetting.value ?? '') : undefined;
    },
  };
}

function told<T>(schema: z.ZodType<T>, shown: (value: T) => string) {
  return (data: unknown): string | undefined => {
    const parsed = schema.safeParse(data);
    return parsed.success ? shown(parsed.data) : undefined;
  };
}

const strengths = z.record(z.string(), z.union([z.number(), z.string()]));

/** What must be equal for one call to do the same on all masters. */
const settings: readonly Setting[] = [
  { name: 'cPanel version', call: whm('version'), read: told(z.object({ version: z.string() }), (v) => v.version) },
  {
    name: 'database server',
    call: whm('current_mysql_version'),
    read: told(z.object({ server: z.string(), version: z.string() }), (v) => `${v.server} ${v.version}`),
  },
  {
    name: 'least password strength',
    call: whm('getminimumpasswordstrengths'),
    read: told(strengths, (v) =>
      Object.keys(v)
        .sort()
        .map((k) => `${k} ${v[k] ?? ''}`)
        .join(', '),
    ),
  },
  {
    name: 'PHP versions',
    call: whm('php_get_installed_versions'),
    read: told(z.object({ versions: z.array(z.string()) }), (v) => [...v.versions].sort().join(', ')),
  },
  {
    name: 'default PHP version',
    call: whm('php_get_system_default_version'),
    read: told(z.object({ version: z.string() }), (v) => v.version),
  },
  tweak('cookieipvalidation', 'cookie IP validation'),
  tweak('alwaysredirecttossl', 'always redirect to SSL'),
  tweak('allow_deprecated_accesshash', 'access hash allowed'),
  tweak('maxcpsrvdconnections', 'most cpsrvd connections'),
];

/** Equal to every value: the master does not tell. */
const UNTOLD = '(not told)';

function shownOf(answers: Answers, one: Setting): Value | undefined {
  const answer = answers(one.call);
  const value = answer.ok === true ? one.read(answer.data) : undefined;
  return value === undefined ? undefined : { value };
}

/**
 * Versions and settings of the servers. Where one master does not tell a setting (its version does not know it) the
 * setting is not compared, so that the missing function is no finding of its own: the version is.
 */
export const serverKind: Kind = {
  id: 'server',
  title: 'Server settings',
  scope: 'server',
  rank: 1,
  untold: UNTOLD,
  rounds: [() => settings.map((s) => s.call)],
  read(_account, answers) {
    const version = answers(whm('version'));
    if (version.ok !== true) return unread(version.reason);
    return seen(settings.map((s): [string, Value] => [s.name, shownOf(answers, s) ?? { value: UNTOLD }]));
  },
  touched: () => undefined,
  repair: () => noRepair('Versions and server settings are changed in WHM on that master, one master at a time.'),
};
