/** An operation as the runner needs it. What only writes about legs does without, and so without the catalogue of actions. */
import { actionOf } from '../actions/index.ts';
import { NotFound } from '../errors.ts';
import type { Sealer } from '../store/seal.ts';
import type { Deps } from './deps.ts';
import { keysOfRow, type LegRow, type Opened, type OperationRow, type Work } from './record.ts';

/** The true parameters of an operation. Throws when its data key is gone (it is final and verified). */
export function paramsOf(
  seal: Sealer,
  row: Pick<OperationRow, 'id' | 'params' | 'sealed' | 'data_key'>,
): Record<string, unknown> {
  if (row.sealed === null) return parseObject(row.params);
  if (row.data_key === null)
    throw new NotFound(`the secrets of operation ${row.id} were destroyed when it was verified`);
  return parseObject(seal.openWith(seal.openDataKey(row.data_key), row.sealed));
}

function parseObject(json: string): Record<string, unknown> {
  const value: unknown = JSON.parse(json);
  // Written by accept() from a parsed z.object, so it is an object.
  return value as Record<string, unknown>;
}

/** Opens an operation for delivery or comparison. */
export function openOperation(deps: Deps, operation: OperationRow): Opened {
  const action = actionOf(operation.action);
  if (action === undefined) throw new NotFound(`operation ${operation.id} is of an unknown kind, ${operation.action}`);
  // Parsed again: the journal may hold operations of an older release.
  const params = action.params.parse(paramsOf(deps.seal, operation)) as Record<string, unknown>;
  return { operation, action, params, keys: keysOfRow(operation) };
}

export function workOf(deps: Deps, operation: OperationRow, leg: LegRow): Work {
  return { ...openOperation(deps, operation), leg };
}
