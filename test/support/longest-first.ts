import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Twenty seconds and more on two cores, the longest first; what starts last keeps the others waiting for the end. */
const long = [
  'customer-axe',
  'e2e/doors',
  'operations/standby',
  'operations/crash-points',
  'portal-tasks',
  'customer-hosting',
  'dbsync/full-disk',
  'dbsync/pg-rights',
  'dbsync/reseed-files',
  'operations/property',
  'e2e/demo',
  'verify/verify',
  'dbsync/pg-role',
  'dbsync/pg-many',
  'portal-axe',
  'portal-browser',
  'failover/apply-crash',
  'archives/ways',
  'passthrough/clients',
  'filesync/contents',
  'customer-tasks',
  'customer-twenty',
  'customer-webmail',
  'portal-drift',
  'customer-isolation',
  'dbsync/pg-rights-copy',
  'dbsync/pg-repair',
  'dbsync/conflicts',
  'watch/orders',
  'watch/vantage',
  'watch/verdict',
  'filesync/first',
  'filesync/chaos',
  'operations/outage',
  'passthrough/shapes',
  'portal-one-down',
  'operations/two-workers',
  'failover/publishers',
  'watch/nagios',
  'watch/names',
  'dbsync/setup',
  'dbsync/repair',
  'dbsync/panel',
  'operations/hold',
  'operations/sick',
];

function rank({ moduleId }: TestSpecification): number {
  const at = long.findIndex((part) => moduleId.endsWith(`${part}.test.ts`));
  return at < 0 ? long.length : at;
}

/** Vitest's own order knows no durations on a fresh checkout; it then goes by the size of files. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const place = (file: TestSpecification) => usual.findIndex(({ project }) => project.name === file.project.name);
    return usual.toSorted((a, b) => place(a) - place(b) || rank(a) - rank(b));
  }
}
