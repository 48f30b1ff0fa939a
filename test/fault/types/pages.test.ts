import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { faultPages } from '../../../src/fault/types/pages.ts';
import { faultTypes } from '../../../src/fault/types/registry.ts';
import { packageRoot } from '../../../src/paths.ts';

/** After a change of a fault type: `npx vitest run test/fault/types/pages.test.ts -u` writes them anew. */
describe('the pages of the fault types in docs/faults', () => {
  it.each(Object.entries(faultPages()))('%s is not stale', async (name, text) => {
    await expect(text).toMatchFileSnapshot(join(packageRoot, 'docs/faults', name));
  });

  it('tell something about every key', () => {
    for (const [name, text] of Object.entries(faultPages())) expect(text, name).not.toMatch(/\| {2}\|$/m);
  });

  it('have an example that parses', () => {
    for (const { schema, example } of Object.values(faultTypes))
      expect(schema.safeParse(example).error).toBeUndefined();
  });
});
