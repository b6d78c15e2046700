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

/** What a person is told: an expected failure in its own words, anything else only by an id that the log has too. */
export function tellingOf(error: unknown, id: string): { readonly sentence: string; readonly hint: string } {
  if (error instanceof AppError) return { sentence: error.message, hint: error.hint ?? '' };
  if (statusOf(error) === 413) return { sentence: 'That was too much at once.', hint: 'Send less than 64 kB.' };
  if (statusOf(error) < 500) return { sentence: 'This request could not be read.', hint: '' };
  return {
    sentence: 'Tandem failed at this page. What was accepted before is kept and goes on.',
    hint: `The log has the reason under ${id}.`,
  };
}
