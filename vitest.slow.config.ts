import { defineConfig } from 'vitest/config';

/** Suites that take minutes; each has a command of its own in package.json. */
export default defineConfig({
  test: {
    include: ['test/slow/**/*.test.ts'],
    globalSetup: ['test/build.ts'],
    setupFiles: process.env.MISFORTUNE_SEED ? ['test/seed.ts'] : [],
    testTimeout: 600_000,
    // A second is not enough on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
    fileParallelism: false,
    // Whole games on a shared machine: CI plays one again before it calls it broken, and says that it did.
    retry: process.env.CI ? 1 : 0,
  },
});
