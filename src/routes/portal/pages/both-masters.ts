/** What masters say of themselves, side by side: a version or setting that differs is an alarm in waiting. */
import { z } from 'zod';
import { type WhmCall, whm } from '../../../whm/call.ts';
import type { PortalParts } from '../deps.ts';
import { namesOf } from '../frame.ts';
import type { Block, Cell } from '../sheet.ts';
import type { PortalKey } from '../texts/en.ts';

interface Asked {
  /** WHM's own name of a setting, or the key of a word. */
  readonly name: PortalKey | `setting:${string}`;
  readonly call: WhmCall;
  /** One value out of the answer, as text. */
  readonly shape: z.ZodType<string>;
  /** Each master's own: never a difference. */
  readonly own?: true;
}

const text = z.union([z.string(), z.number(), z.null()]).transform((value) => String(value ?? ''));
const tweak = z
  .object({ tweaksetting: z.looseObject({ value: text }) })
  .transform((answer) => answer.tweaksetting.value);

function setting(key: string): Asked {
  return { name: `setting:${key}`, call: whm('get_tweaksetting', { key }), shape: tweak };
}

const asked: readonly Asked[] = [
  { name: 'masters.version', call: whm('version'), shape: z.object({ version: text }).transform((one) => one.version) },
  {
    name: 'masters.load',
    call: whm('systemloadavg'),
    shape: z
      .object({ one: text, five: text, fifteen: text })
      .transform((one) => `${one.one} ${one.five} ${one.fifteen}`),
    own: true,
  },
  {
    name: 'masters.php',
    call: whm('php_get_installed_versions'),
    shape: z.object({ versions: z.array(z.string()) }).transform((one) => one.versions.join(' ')),
  },
  {
    name: 'masters.database',
    call: whm('current_mysql_version'),
    shape: z.object({ version: text }).transform((one) => one.version),
  },
  ...['maxemailsperhour', 'publichtmlsubsonly', 'proxysubdomains', 'allowparkhostnamedomainsubdomains'].map(setting),
];

/** One table of all; differences first. */
export async function bothMasters(parts: PortalParts, waitMs: number): Promise<readonly Block[]> {
  const { say } = parts;
  const names = namesOf(parts);
  const masters = parts.masters.list;
  const lines = await Promise.all(
    asked.map(async (one) => {
      const known = await Promise.all(
        masters.map((master) => parts.remembered.ask({ call: one.call, shape: one.shape, master: master.id }, waitMs)),
      );
      const told = known.flatMap((answer) => (answer.value === undefined ? [] : [answer.value]));
      return { ...one, known, differs: one.own !== true && new Set(told).size > 1, told: told.length };
    }),
  );
  const isUnread = lines.every((line) =>
    line.known.every((answer) => answer.value === undefined && answer.problem === ''),
  );
  if (isUnread)
    return [
      { kind: 'heading', text: say('masters.both') },
      { kind: 'unread', text: say('live.unread') },
    ];
  const told = lines.filter((line) => line.told > 0);
  const untold = lines.filter((line) => line.told === 0).map((line) => nameCell(parts, line.name).text ?? '');
  return [
    { kind: 'heading', text: say('masters.both') },
    {
      kind: 'table',
      columns: [say('settings.key'), ...masters.map((master) => names(master.id)), say('account.equal')],
      empty: '',
      rows: told
        .toSorted((a, b) => Number(b.differs) - Number(a.differs))
        .map((line) => [
          nameCell(parts, line.name),
          ...line.known.map((answer) => ({
            text: answer.value === '' ? '–' : (answer.value ?? '?'),
            machine: true,
            ...(answer.problem === '' ? {} : { meta: answer.problem }),
          })),
          equalCell(parts, line),
        ]),
    },
    ...(untold.length === 0
      ? []
      : [{ kind: 'text', text: say('masters.untold', { names: untold.join(', ') }), tone: 'meta' } as const]),
  ];
}

function nameCell({ say }: PortalParts, name: Asked['name']): Cell {
  const [kind, setting] = name.split(':');
  // Cast: what is no setting of WHM's is a key.
  return kind === 'setting' && setting !== undefined
    ? { text: setting, machine: true }
    : { text: say(name as PortalKey) };
}

function equalCell(
  parts: PortalParts,
  line: { readonly differs: boolean; readonly own?: true; readonly told: number },
) {
  const { say } = parts;
  if (line.differs) return { text: `≠ ${say('account.differs')}`, tone: 'warn' } as const;
  if (line.own === true) return { text: say('account.own') };
  return { text: line.told < 2 ? '?' : `= ${say('account.same')}` };
}
