import type { OperationFilter, OperationView } from '../../../operations/model.ts';
import type { SelectModel } from './accounts.ts';
import { type OperationRow, operationRow } from './operation.ts';
import type { Reader } from './reader.ts';

const pageSize = 50;
const states = ['open', 'held', 'accepted', 'following', 'undecided', 'done', 'refused', 'withdrawn'] as const;

export interface OperationsModel {
  readonly rows: readonly OperationRow[];
  readonly account: string;
  readonly filtered: boolean;
  readonly selects: readonly SelectModel[];
  /** Address of the next older page, '' on the last. */
  readonly older: string;
}

/** Reads the filter out of a parsed query string; what is unknown counts as not given. */
export function operationFilter(query: Readonly<Record<string, unknown>>): OperationFilter {
  const text = (name: string): string => {
    const value = query[name];
    return typeof value === 'string' ? value.trim().slice(0, 80) : '';
  };
  const state = states.find((value) => value === text('state'));
  return {
    limit: pageSize,
    ...(state === undefined ? {} : { state }),
    ...(text('account') === '' ? {} : { account: text('account') }),
    ...(text('action') === '' ? {} : { action: text('action') }),
    ...(text('before') === '' ? {} : { before: text('before') }),
  };
}

/** The list of operations as the view draws it. */
export function operationsModel(
  views: readonly OperationView[],
  filter: OperationFilter,
  actions: readonly { readonly id: string; readonly title: string }[],
  reader: Reader,
): OperationsModel {
  const { say } = reader;
  const last = views.at(-1);
  return {
    rows: views.map((view) => operationRow(view, reader)),
    account: filter.account ?? '',
    filtered: filter.state !== undefined || filter.account !== undefined || filter.action !== undefined,
    selects: [
      select('state', say('operations.state'), filter.state ?? '', [
        ['', say('operations.state.any')],
        ...states.map((state) => [state, say(`operations.state.${state}`)] as const),
      ]),
      select('action', say('operations.action'), filter.action ?? '', [
        ['', say('operations.action.any')],
        ...actions.map((a) => [a.id, a.title] as const),
      ]),
    ],
    older: last !== undefined && views.length === pageSize ? olderUrl(filter, last.id) : '',
  };
}

function select(
  name: string,
  label: string,
  chosen: string,
  options: readonly (readonly [string, string])[],
): SelectModel {
  return { name, label, options: options.map(([value, text]) => ({ value, label: text, selected: value === chosen })) };
}

function olderUrl(filter: OperationFilter, before: string): string {
  const query = new URLSearchParams();
  if (filter.state !== undefined) query.set('state', filter.state);
  if (filter.account !== undefined) query.set('account', filter.account);
  if (filter.action !== undefined) query.set('action', filter.action);
  query.set('before', before);
  return `/operations?${query.toString()}`;
}
