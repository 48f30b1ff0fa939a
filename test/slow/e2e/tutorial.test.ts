import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packageRoot } from '../../../src/paths.ts';
import { follow, tutorialSteps } from '../../docs/tutorial.ts';

const stop = { section: '', run: 'npx misfortune sandbox stop' };
let folder: string;
let env: { MISFORTUNE_HOME: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
  env = { MISFORTUNE_HOME: join(folder, 'state') };
});
afterEach(async () => {
  // Of a page that failed half-way; after one that did not, there is none.
  await follow([stop], folder, env).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

it('docs/write-a-scenario.md leads, word for word, to a scenario that is proven', async () => {
  const page = readFileSync(join(packageRoot, 'docs/write-a-scenario.md'), 'utf8');
  const printed = await follow(tutorialSteps(page), folder, env);
  expect(printed).toMatch(/Restored: the cluster is as before\./);
  // Skipped: other names, of which this scenario has none.
  expect(printed).toMatch(/10 cases: 9 passed, 0 failed, 1 skipped/);
}, 1_200_000);
