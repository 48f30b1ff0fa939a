import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { kinds } from '../../src/check/kinds/kinds.ts';
import { packageRoot } from '../../src/paths.ts';

it.each(Object.keys(kinds))('docs/checks.md has a row for the check %s', (key) => {
  const page = readFileSync(join(packageRoot, 'docs/checks.md'), 'utf8');
  expect(page).toContain(`\n| \`${key}: { `);
});
