import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unifiedDiff } from '../../src/words/unified-diff.ts';

const lines = fc.array(fc.constantFrom('a', 'b', 'c: 1', '  d', '', '- e', '+ f', '@@ g'), { maxLength: 30 });
const text = fc.tuple(lines, fc.boolean()).map(([all, ends]) => {
  return all.length === 0 ? 'x\n' : all.join('\n') + (ends ? '\n' : '');
});

describe('a unified diff', () => {
  it('makes the one text of the other with git apply, whatever they are', () => {
    const pairs = fc.sample(fc.tuple(text, text), { numRuns: 200, seed: 11 });
    const folder = mkdtempSync(join(tmpdir(), 'unified-diff-'));
    try {
      mkdirSync(join(folder, 'rules'));
      const patch = pairs.map(([before, after], index) => {
        const file = `rules/${index}.yaml`;
        writeFileSync(join(folder, file), before);
        return unifiedDiff(file, before, after);
      });
      const input = `${patch.filter((one) => one !== '').join('\n')}\n`;
      execFileSync('git', ['apply', '--whitespace=nowarn', '-'], { cwd: folder, input });
      const made = pairs.map((_, index) => readFileSync(join(folder, `rules/${index}.yaml`), 'utf8'));
      expect(made).toEqual(pairs.map(([, after]) => after));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is nothing where nothing changed', () => {
    expect(unifiedDiff('x.yaml', 'a\nb\n', 'a\nb\n')).toBe('');
  });
});
