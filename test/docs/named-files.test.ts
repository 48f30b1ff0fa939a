import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.ts';

const docs = readdirSync(join(packageRoot, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`);

describe.each(['README.md', ...docs])('%s', (page) => {
  it('names only sources and tests that are there', () => {
    const text = readFileSync(join(packageRoot, page), 'utf8');
    const named = text.match(/\b(?:src|test)\/[\w./-]+\.(?:ts|tsx|mjs)\b/g) ?? [];
    expect(named.filter((file) => !existsSync(join(packageRoot, file)))).toEqual([]);
  });
});
