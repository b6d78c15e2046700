import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** A file that could not be loaded or whose hooks failed counts as one failed test, even if all its tests passed. */
function brokenOutside(module: TestModule): boolean {
  if (module.errors().length > 0) return true;
  return [...module.children.allSuites()].some((suite) => suite.errors().length > 0);
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  if (result.state === 'skipped' && result.note !== undefined) return result.note;
  const reason = [...test.fullName.matchAll(/ \(((?:needs|only) [^)]*)\)/g)].at(-1)?.[1];
  return test.options.mode === 'todo' ? 'todo' : (reason ?? 'no reason given');
}

function isRed(module: TestModule): boolean {
  return brokenOutside(module) || [...module.children.allTests('failed')].length > 0;
}

const mostShown = 10;
const longSeconds = 20;

/** Where a whole run spends its time: what to look at first when it grows. */
function slowest(modules: readonly TestModule[]): readonly string[] {
  return modules
    .map((module) => ({ seconds: Math.round(module.diagnostic().duration / 1000), file: module.relativeModuleId }))
    .filter(({ seconds }) => seconds >= longSeconds)
    .toSorted((a, b) => b.seconds - a.seconds)
    .slice(0, mostShown)
    .map(({ seconds, file }) => `slow: ${seconds} s ${file}`);
}

/** Says what was skipped and why, which files are slow or red, then, as the very last line, `N passed, N failed, N skipped`. */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const [passed, skipped] = [count('passed'), count('skipped')];
    const broken = modules.filter(brokenOutside).length;
    const failed = tests.length - passed - skipped + broken + errors.length;
    const lines = tests
      .filter((test) => test.result().state === 'skipped')
      .map((test) => `skipped: ${test.module.relativeModuleId} › ${test.fullName}: ${reasonOf(test)}`);
    lines.push(...slowest(modules));
    lines.push(...modules.filter(isRed).map((module) => `red: ${module.relativeModuleId}`));
    lines.push(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    // Later than vitest's own summary, whichever reporter comes first.
    process.once('exit', () => process.stdout.write(`${lines.join('\n')}\n`));
  }
}
