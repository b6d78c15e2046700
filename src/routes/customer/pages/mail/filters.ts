import { NotFound } from '../../../../errors.ts';
import type { Sheet } from '../../../portal/sheet.ts';
import type { CustomerPage } from '../../page.ts';
import type { Visit } from '../../visit.ts';
import { type FilterPlace, filterBlocks, filterRoutes } from './filter-form.ts';
import { addressAt, mailboxesOf, part } from './parts.ts';

const path = '/my/mail/filters';

/** Filters of the whole account, and of each mailbox. */
export const filtersPage: CustomerPage = {
  path,
  goal: 'mail',
  title: 'filters.title',
  order: 40,
  area: 'mail',
  feature: 'blockers',
  routes: (to) => {
    const whole = (): FilterPlace => ({ address: '', path });
    to.show(path, sheet);
    filterRoutes(to, path, whole, sheet);
    const ofBox = (visit: Visit): FilterPlace => ({
      address: addressAt(visit),
      path: `${path}/of/${part(addressAt(visit))}`,
    });
    to.show(`${path}/of/:address`, (visit) => boxSheet(visit, ofBox(visit)));
    filterRoutes(to, `${path}/of/:address`, ofBox, (visit) => boxSheet(visit, ofBox(visit)));
  },
};

async function sheet(visit: Visit): Promise<Sheet> {
  const { say } = visit;
  const boxes = (await mailboxesOf(visit)).value ?? [];
  const links = boxes.map(({ email }) => ({ label: email, href: `${path}/of/${part(email)}` }));
  return {
    heading: say('filters.title'),
    blocks: [
      { kind: 'text', text: say('filters.intro'), tone: 'meta' },
      ...(await filterBlocks(visit, { address: '', path })),
      ...(links.length === 0
        ? []
        : [{ kind: 'heading', text: say('filters.boxes') } as const, { kind: 'links', links } as const]),
    ],
  };
}

async function boxSheet(visit: Visit, place: FilterPlace): Promise<Sheet> {
  const known = await mailboxesOf(visit);
  if (known.value !== undefined && !known.old && !known.value.some((one) => one.email === place.address))
    throw new NotFound('problem.not-found');
  return {
    heading: place.address,
    machine: true,
    trail: { label: visit.say('filters.title'), href: path },
    blocks: await filterBlocks(visit, place),
  };
}
