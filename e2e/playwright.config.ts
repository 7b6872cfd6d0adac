/** One app at a time: training takes all cores, and each test has a user folder of its own. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testIgnore: 'packaged/**',
  outputDir: '../test-results',
  workers: 1,
  timeout: 1_800_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
});
