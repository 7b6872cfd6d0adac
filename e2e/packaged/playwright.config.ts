/** The packaged app: `npm run package` first, then `npm run e2e:packaged`. */
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  outputDir: '../../test-results',
  workers: 1,
  timeout: 1_800_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
});
