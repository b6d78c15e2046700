/** Whether this run may take an hour: `./bin/test --all`. The daily one leaves out what shows the same once more. */
export const thorough = Number(process.env['TANDEM_TEST_SEEDS'] ?? 2) >= 20;

/** All cases of a table in a thorough run, each `nth` in a daily one. */
export function dailyEvery<T>(nth: number, cases: readonly T[]): readonly T[] {
  return thorough ? cases : cases.filter((_, at) => at % nth === 0);
}
