import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonSchemas } from '../../src/docs/json-schemas.ts';
import { packageRoot } from '../../src/paths.ts';

/** After a change of a format: `npx vitest run test/docs -u` writes them anew. */
describe('the JSON Schemas in docs/schemas', () => {
  it.each(Object.entries(jsonSchemas()))('%s is not stale', async (name, schema) => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(packageRoot, 'docs/schemas', name));
  });
});
