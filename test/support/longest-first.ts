import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Half a minute and more on two cores, the longest first; what starts last keeps the others waiting for the end. */
const long = [
  'operations/property',
  'customer-axe',
  'filesync/chaos',
  'operations/crash-points',
  'e2e/doors',
  'passthrough/clients',
  'customer-hosting',
  'e2e/demo',
  'portal-tasks',
  'portal-one-down',
  'portal-axe',
  'customer-tasks',
  'watch/nagios',
  'operations/two-workers',
  'watch/verdict',
  'watch/orders',
  'verify/verify',
  'operations/outage',
  'dbsync/repair',
  'operations/hold',
  'dbsync/panel',
  'operations/sick',
  'archives/ways',
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
