import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packageRoot } from '../../src/paths.ts';
import { importRunbook } from '../../src/playbook/markdown/import.ts';

const page = readFileSync(join(packageRoot, 'docs/playbooks.md'), 'utf8');

it('the runbook in docs/playbooks.md becomes the playbook beside it', () => {
  const [, runbook = ''] = /````md\n([\s\S]*?)````/.exec(page) ?? [];
  const [, playbook = ''] = /```yaml\n([\s\S]*?)```/.exec(page) ?? [];
  const { text, notes } = importRunbook('checkout-slow.md', runbook, '../docs/schemas/playbook.json');
  expect(text).toBe(playbook);
  expect(notes).toEqual([]);
});

it('docs/playbooks.md names every finding of the lint', () => {
  const files = ['lint', 'lint-commands', 'lint-steps', 'lint-objects', 'lint-runbook-links', 'parse'];
  const codes = files.flatMap((file) => {
    const source = readFileSync(join(packageRoot, `src/playbook/${file}.ts`), 'utf8');
    return [...source.matchAll(/(?:code: |\bat\([^)]*?, |\badd\(\s*[^']*?)'([a-z]+(?:-[a-z]+)+)'/g)].map(
      ([, code]) => code,
    );
  });
  expect(codes.length).toBeGreaterThan(8);
  const documented = ['duplicate-id', 'unknown-role'];
  expect(
    [...new Set(codes)].filter((code) => !documented.includes(code!) && !page.includes(`\`${code}\``)),
  ).toEqual([]);
});
