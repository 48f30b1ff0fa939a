import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { limits, sizeOf } from '../../src/document/limits.ts';
import { parseSource, readDocuments } from '../../src/document/read.ts';
import { substitute } from '../../src/document/substitute.ts';
import { describeError } from '../../src/errors.ts';

const told = (source: string): string[] => parseSource('x.yaml', source).problems.map(describeError);

describe('the limits of a document', () => {
  it('refuse nesting that nobody writes at its place, and at once (case C6)', () => {
    const deep = 'Expected at most 64 levels of nesting, got more.';
    expect(told(`deep: ${'['.repeat(100_000)}`)).toEqual([`x.yaml:1:71: ${deep}`]);
    expect(told(`deep: ${'{a: '.repeat(100_000)}`)[0]).toContain(deep);
    expect(told('- '.repeat(100_000))[0]).toContain(deep);
    expect(told('? '.repeat(100_000))[0]).toContain(deep);
    const steps = Array.from({ length: 1000 }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
    expect(told(steps)[0]).toMatch(/^x\.yaml:6\d:\d+: Expected at most 64 levels/);
  });

  it('let as much nesting pass as a manifest may ever have', () => {
    expect(told(`a: ${'['.repeat(60)}1${']'.repeat(60)}`)).toEqual([]);
  });

  it('refuse more keys, values and marks than can be read in a moment', () => {
    const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: v`).join('\n');
    expect(told(keys)[0]).toMatch(/^x\.yaml:\d+:\d+: Expected at most 50000 keys, values and marks/);
    expect(told(`a: [${'1,'.repeat(100_000)}]`)[0]).toContain('Expected at most 50000');
  });

  it('tell the first problems of a file, not a hundred thousand', () => {
    expect(told('a: ]\n'.repeat(5000))).toHaveLength(limits.problems);
  });

  it('take texts as keys only', () => {
    expect(told('a: 1\n[]: 2\n')).toEqual(['x.yaml:2:1: Expected a text as key, got a mapping or a list.']);
    expect(told('? { b: 1 }\n: 2\n')[0]).toContain('Expected a text as key');
  });

  it('count what params that hold params make of a document', () => {
    const long = 'x'.repeat(limits.filled / 2);
    const filled = substitute({ a: '${long}', b: '${long}${long}' }, { long });
    expect(filled.unknown).toEqual([expect.objectContaining({ code: 'document-too-large', path: ['b'] })]);
    expect(sizeOf(filled.value)).toBeLessThan(limits.filled + 100);
  });

  it('count a part that is shared each time it is there, without walking it each time', () => {
    let value: unknown = 'x';
    for (let level = 0; level < 60; level++) value = [value, value];
    expect(sizeOf(value)).toBeGreaterThan(2 ** 60);
  });

  it('end a search for the end of a placeholder that has none', () => {
    expect(substitute('${'.repeat(200_000), {}).unknown).toEqual([]);
  });
});

describe('a folder of documents', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'limits-'));
    writeFileSync(join(folder, 'fine.yaml'), 'kind: Scenario\n');
    execFileSync('mkfifo', [join(folder, 'pipe.yaml')]);
    mkdirSync(join(folder, 'folder.yaml'));
    writeFileSync(join(folder, 'huge.yaml'), Buffer.alloc(50 * 1024 * 1024, 'a'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('names what is no file, or too large, and reads the others (case C5)', async () => {
    const { documents, problems } = await readDocuments([folder]);
    expect(documents.map(({ value }) => value)).toEqual([{ kind: 'Scenario' }]);
    expect(problems.map((problem) => describeError(problem).replace(`${folder}/`, ''))).toEqual([
      'folder.yaml: Expected a file, got a folder.',
      'huge.yaml: Expected a document of at most 1 MiB, got 50.0 MiB.',
      'pipe.yaml: Expected a file, got a named pipe.',
    ]);
  });
});
