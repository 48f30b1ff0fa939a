import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    exclude: ['test/slow/**', '**/node_modules/**'],
    globalSetup: ['test/build.ts'],
    setupFiles: process.env.MISFORTUNE_SEED ? ['test/seed.ts'] : [],
    testTimeout: 60_000,
    // A second is not enough on a busy machine.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
