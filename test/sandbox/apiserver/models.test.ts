import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const generator = fileURLToPath(
  new URL('../../../src/sandbox/apiserver/schema/generate.mjs', import.meta.url),
);

it('has the models of the installed @kubernetes/client-node', () => {
  const { status } = spawnSync(process.execPath, [generator, '--check']);
  expect(status, `models.json is stale: run node ${generator}`).toBe(0);
});
