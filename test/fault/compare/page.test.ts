import { join } from 'node:path';
import { expect, it } from 'vitest';
import { comparisonPage } from '../../../src/fault/compare/page.ts';
import { packageRoot } from '../../../src/paths.ts';

it('docs/what-may-differ.md is not stale', async () => {
  await expect(comparisonPage()).toMatchFileSnapshot(join(packageRoot, 'docs/what-may-differ.md'));
});
