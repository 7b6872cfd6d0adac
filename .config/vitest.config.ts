import { defineConfig } from 'vitest/config';

/**
 * Unit tests lie beside their sources. TensorFlow owns all cores of the machine while it computes,
 * so test files run one after another, each in a process of its own.
 */
export default defineConfig({
  test: {
    include: ['main', 'electron', 'renderer', 'resources'].map((part) => `${part}/**/*.test.ts`),
    reporters: ['default', '.config/summary-reporter.ts'],
    pool: 'forks',
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    env: { TF_CPP_MIN_LOG_LEVEL: '3' },
  },
});
