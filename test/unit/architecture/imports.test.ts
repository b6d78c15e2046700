import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Finding, lint } from './lint.ts';

interface Case {
  readonly forbidden: readonly string[];
  readonly legal: readonly string[];
}

const base = ['../errors.ts', '../log.ts'];
const controller: Case = {
  forbidden: [
    ...[
      '../jobs/queues.ts',
      '../routes/api/status.ts',
      '../cli/run.ts',
      '../simulator/server.ts',
      '../verify/verify.ts',
    ],
    '../main.ts',
  ],
  legal: [
    ...base,
    '../operations/model.ts',
    '../actions/define.ts',
    '../auth/may.ts',
    '../whm/client.ts',
    './model.ts',
  ],
};

/** A file per place, what it must not import and what it may. */
const cases: Readonly<Record<string, Case>> = {
  'src/lease.ts': {
    forbidden: ['./store/journal.ts', './whm/call.ts', './operations/model.ts', './main.ts'],
    legal: ['./errors.ts', './masters.ts', 'node:fs', 'zod'],
  },
  'src/whm/client.ts': {
    forbidden: [
      '../store/journal.ts',
      '../actions/define.ts',
      '../operations/model.ts',
      '../auth/may.ts',
      '../main.ts',
    ],
    legal: [...base, '../masters.ts', './call.ts', 'axios'],
  },
  'src/webmail/gate.ts': {
    forbidden: [
      '../store/journal.ts',
      '../operations/model.ts',
      '../routes/portal/app.ts',
      '../auth/may.ts',
      '../main.ts',
    ],
    legal: [...base, './lines.ts', '../whm/connection.ts', 'node:net'],
  },
  'src/store/journal.ts': {
    forbidden: ['../whm/call.ts', '../operations/model.ts', '../notify/mail.ts', '../routes/portal/app.ts'],
    legal: [...base, 'kysely', 'node:fs'],
  },
  'src/notify/mail.ts': { forbidden: ['../store/journal.ts', '../jobs/queues.ts'], legal: base },
  'src/auth/may.ts': {
    forbidden: ['../operations/model.ts', '../actions/define.ts', '../routes/api/app.ts', '../jobs/queues.ts'],
    legal: [...base, '../store/journal.ts', '../masters.ts'],
  },
  'src/actions/dns/add.ts': {
    forbidden: [
      ...['../../operations/model.ts', '../../store/journal.ts', '../../auth/may.ts', '../../whm/client.ts'],
      ...['../../whm/answer.ts', '../../config.ts', '../../log.ts', '../../clock.ts', '../../certificates.ts'],
      ...['node:fs', 'node:crypto', 'axios', 'ioredis', '../../jobs/queues.ts', '../../drift/plan.ts'],
    ],
    legal: [
      ...['../../masters.ts', '../../errors.ts', '../../whm/call.ts', '../../whm/outcome.ts', 'zod', '../define.ts'],
      ...['../../whm/functions/table.ts', './records.ts'],
    ],
  },
  'src/actions/define.ts': {
    forbidden: ['../operations/model.ts', '../whm/client.ts', '../store/journal.ts', '../config.ts', 'node:net'],
    legal: ['../masters.ts', '../whm/call.ts', '../whm/functions/model.ts', 'zod'],
  },
  'src/operations/accept.ts': {
    forbidden: [
      '../jobs/queues.ts',
      '../routes/api/app.ts',
      '../drift/model.ts',
      '../cli/run.ts',
      '../simulator/server.ts',
      '../verify/verify.ts',
    ],
    legal: [...base, '../actions/define.ts', '../auth/may.ts', '../store/journal.ts', '../whm/client.ts', './model.ts'],
  },
  'src/archives/take.ts': { ...controller, forbidden: [...controller.forbidden, '../drift/model.ts'] },
  'src/drift/turn.ts': { ...controller, forbidden: [...controller.forbidden, '../failover/model.ts'] },
  'src/failover/turn.ts': { ...controller, forbidden: [...controller.forbidden, '../drift/model.ts'] },
  'src/filesync/turn.ts': { ...controller, forbidden: [...controller.forbidden, '../dbsync/model.ts'] },
  'src/dbsync/turn.ts': { ...controller, forbidden: [...controller.forbidden, '../filesync/model.ts'] },
  'src/jobs/queues.ts': {
    forbidden: [
      '../routes/api/app.ts',
      '../whm/call.ts',
      '../actions/define.ts',
      '../cli/run.ts',
      '../simulator/server.ts',
    ],
    legal: [...base, '../operations/model.ts', '../drift/turn.ts', '../store/redis.ts', 'bull'],
  },
  'src/routes/portal/app.ts': {
    forbidden: [
      '../../jobs/queues.ts',
      '../../store/journal.ts',
      '../../whm/client.ts',
      '../../cli/run.ts',
      '../../notify/mail.ts',
    ],
    legal: ['../../operations/model.ts', '../../auth/may.ts', '../../actions/index.ts', '../../whm/call.ts', 'express'],
  },
  'src/simulator/server.ts': {
    forbidden: [
      ...[
        '../whm/call.ts',
        '../whm/answer.ts',
        '../operations/model.ts',
        '../actions/define.ts',
        '../store/journal.ts',
      ],
      ...['../config.ts', '../masters.ts', '../loop.ts', '../auth/may.ts', '../routes/api/app.ts'],
      '../verify/verify.ts',
    ],
    legal: [...base, '../certificates.ts', '../lifecycle.ts', '../whm/functions/table.ts', './model.ts', 'node:https'],
  },
  'src/simulator/functions/mail.ts': {
    forbidden: ['../../whm/call.ts', '../../operations/model.ts'],
    legal: ['../../errors.ts', '../../whm/functions/table.ts', '../model.ts', './lists.ts'],
  },
  'src/verify/verify.ts': {
    forbidden: [
      ...['../operations/model.ts', '../store/journal.ts', '../auth/may.ts', '../jobs/queues.ts'],
      ...['../routes/api/app.ts', '../cli/parts.ts', '../roles/core.ts', '../main.ts'],
    ],
    legal: [...base, '../actions/index.ts', '../whm/answer.ts', '../simulator/index.ts', './contract.ts', 'node:https'],
  },
  'src/cli/run.ts': {
    forbidden: ['../main.ts', '../roles/web.ts', '../verify/verify.ts'],
    legal: [...base, '../operations/model.ts', '../routes/api/app.ts', '../jobs/queues.ts', '../simulator/server.ts'],
  },
  'src/failover/plan.ts': {
    forbidden: [
      'node:fs',
      'ioredis',
      '../store/journal.ts',
      '../whm/client.ts',
      '../config.ts',
      '../log.ts',
      '../drift/model.ts',
    ],
    legal: ['../masters.ts', '../errors.ts', './model.ts', 'zod'],
  },
  'src/filesync/safety.ts': { forbidden: ['node:child_process', '../jobs/queues.ts', 'axios'], legal: ['./model.ts'] },
  'src/roles/web.ts': {
    forbidden: ['../main.ts', '../cli/run.ts'],
    legal: [
      ...base,
      '../config.ts',
      '../operations/model.ts',
      '../routes/api/app.ts',
      '../simulator/server.ts',
      'express',
    ],
  },
  'src/main.ts': { forbidden: [], legal: ['./cli/run.ts', './jobs/queues.ts', './store/journal.ts', './config.ts'] },
};

let findings: readonly Finding[];
const source = ({ forbidden, legal }: Case): string =>
  [...forbidden, ...legal].map((path, n) => `import { a${n} } from '${path}';\n`).join('');

describe('imports', () => {
  beforeAll(() => {
    const files = Object.entries(cases).map(([file, one]) => [file, source(one)]);
    findings = lint(Object.fromEntries(files)).filter((finding) => finding.rule === 'noRestrictedImports');
  });

  function flagged(file: string): readonly (string | undefined)[] {
    const one = cases[file];
    const paths = [...(one?.forbidden ?? []), ...(one?.legal ?? [])];
    const lines = findings.filter((finding) => finding.file === file).map((finding) => finding.line);
    return [...new Set(lines)].sort((a, b) => a - b).map((line) => paths[line - 1]);
  }

  it.each(Object.keys(cases))('%s: everything forbidden is refused and nothing else', (file) => {
    expect(flagged(file)).toEqual(cases[file]?.forbidden);
  });

  it('type imports, re-exports and imports at run time count as well', () => {
    const ways = [
      "export type { A } from '../jobs/queues.ts';",
      "import type { B } from '../jobs/queues.ts';",
      "export * from '../jobs/queues.ts';",
      "export const later = () => import('../jobs/queues.ts');",
    ];
    const found = lint({ 'src/operations/accept.ts': `${ways.join('\n')}\n` });
    expect(found.filter((one) => one.rule === 'noRestrictedImports').map((one) => one.line)).toEqual([1, 2, 3, 4]);
  });

  it('every folder below src has its case here', () => {
    const folders = readdirSync('src', { withFileTypes: true }).filter((entry) => entry.isDirectory());
    const covered = new Set(Object.keys(cases).map((file) => file.split('/')[1]));
    expect(folders.map((folder) => folder.name).filter((name) => !covered.has(name))).toEqual([]);
  });
});
