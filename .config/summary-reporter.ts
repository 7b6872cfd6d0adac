/**
 * Ends the output with one line that people and machines find at once: `N passed, N failed`. Before it come
 * the files whose process ended in the middle, which vitest does not name.
 */
import type { Reporter, TestModule } from 'vitest/node';

export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that does not even load has no tests; it counts as one failure, as does a stray error.
    const broken = modules.filter((module) => module.errors().length > 0).length;
    for (const module of modules.filter((one) => ['pending', 'queued'].includes(one.state()))) {
      const open = [...module.children.allTests()].filter(
        (test) => test.result().state === 'pending',
      );
      process.stdout.write(`Not finished: ${module.moduleId}\n`);
      for (const test of open) process.stdout.write(`  ${test.fullName}\n`);
    }
    const skipped = count('skipped');
    const failed = count('failed') + broken + unhandledErrors.length;
    process.stdout.write(
      `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`,
    );
  }
}
