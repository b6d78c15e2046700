import { AppError } from '../../errors.ts';

const byCode: Readonly<Record<string, number>> = {
  'input.invalid': 422,
  'operation.refused': 409,
  'auth.not-allowed': 403,
  'not-found': 404,
  'operation.blocked': 409,
  'masters.unreachable': 503,
};

/** The HTTP status that fits an error; 500 for what nobody expected. */
export function statusOf(error: unknown): number {
  if (error instanceof AppError) return byCode[error.code] ?? 502;
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
