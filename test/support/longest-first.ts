import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Twenty seconds and more on two cores, the longest first; what starts last keeps the others waiting for the end. */
const long = [
  'operations/standby',
  'customer-axe',
  'operations/crash-points',
  'e2e/doors',
  'e2e/demo',
  'dbsync/pg-rights',
  'dbsync/pg-rights-copy',
  'operations/property',
  'filesync/chaos',
  'failover/apply-crash',
  'verify/verify',
  'passthrough/clients',
  'portal-tasks',
  'watch/orders',
  'passthrough/shapes',
  'filesync/contents',
  'archives/ways',
  'dbsync/conflicts',
  'customer-hosting',
  'operations/outage',
  'customer-tasks',
  'watch/verdict',
  'customer-isolation',
  'portal-browser',
  'portal-one-down',
  'portal-axe',
  'operations/two-workers',
  'failover/publishers',
  'watch/nagios',
  'watch/vantage',
  'watch/names',
  'customer-webmail',
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
