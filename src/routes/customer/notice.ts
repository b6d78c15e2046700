import type { OperationView } from '../../operations/model.ts';
import type { Block } from '../portal/sheet.ts';
import { plainIn, reasonOf, type Visit } from './visit.ts';

/** How far the change is that led to this page; nothing for a foreign or unknown one. */
export async function noticeBlocks(visit: Visit): Promise<readonly Block[]> {
  const id = visit.request.query['done'];
  if (typeof id !== 'string' || !/^[0-9A-Z]{1,32}$/.test(id)) return [];
  const view = await visit.parts.operations.get(id, { accounts: [visit.account] });
  if (view === undefined || !isTheirs(visit, view)) return [];
  return [{ kind: 'text', text: sentenceOf(visit, view), tone: 'note' }];
}

/** Whether an operation is about what this visitor may know of. */
export function isTheirs(visit: Visit, view: OperationView): boolean {
  const { subject } = view;
  if (subject.kind !== 'account' || subject.account !== visit.account) return false;
  return visit.who.role !== 'mailbox' || subject.mailbox === visit.who.name;
}

/** An operation's state in one sentence for its customer. */
export function sentenceOf(visit: Visit, view: OperationView): string {
  const { say, siteOf } = visit;
  switch (view.state) {
    case 'done':
      return say('done.all');
    case 'accepted':
      return say('done.open');
    case 'undecided':
      return say('done.held');
    case 'withdrawn':
      return say('done.withdrawn');
    case 'refused':
      return say('done.refused', { reason: plainIn(visit.parts, reasonOf(view)) });
    case 'following': {
      const isDone = (state: string) => state === 'done';
      const sites = (done: boolean) =>
        view.legs
          .filter((leg) => isDone(leg.state) === done && leg.state !== 'skipped')
          .map((leg) => siteOf(leg.master));
      return say('done.some', { done: sites(true).join(', '), waiting: sites(false).join(', ') });
    }
  }
}
