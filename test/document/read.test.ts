import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { parseSource, readDocuments } from '../../src/document/read.ts';
import { validate } from '../../src/document/validate.ts';
import { describeError } from '../../src/errors.ts';

const schema = z.strictObject({
  name: z.string(),
  rate: z.number().min(1),
  parts: z.array(z.strictObject({ id: z.string(), colour: z.enum(['red', 'green']) })).default([]),
});

function problems(source: string): string[] {
  const { document, problems: syntax } = parseSource('x.yaml', source);
  const all = document ? validate(document, schema).problems : syntax;
  return all.map(describeError);
}

describe('a document', () => {
  it('tells every problem at once, each at its place and with the nearest word', () => {
    const source = [
      'nmae: a',
      'rate: fast',
      'parts:',
      '  - { id: one, colour: gren }',
      '  - { id: 2 }',
      '',
    ].join('\n');
    expect(problems(source)).toEqual([
      'x.yaml:1:1: Expected the key "name" (a text), but it is missing.',
      'x.yaml:1:1: Unknown key "nmae".\n  Did you mean "name"?',
      'x.yaml:2:7: Expected a number for rate, got "fast".',
      'x.yaml:4:24: Expected one of red, green for parts[0].colour, got "gren".\n  Did you mean "green"?',
      'x.yaml:5:5: Expected the key "colour" in parts[1] (one of red, green), but it is missing.',
      'x.yaml:5:11: Expected a text for parts[1].id, got 2 (a number).',
    ]);
  });

  it('refuses a key that is there twice', () => {
    expect(problems('name: a\nname: b\nrate: 1\n')).toEqual([
      'x.yaml:2:1: This key is used twice.\n  Keep one of the two.',
    ]);
  });

  it('refuses anchors, and so every circle of them', () => {
    expect(problems('name: &a { x: *a }\n')[0]).toMatch(/^x\.yaml:1:10: Anchors and aliases/);
  });

  it('says that a param inside braces needs quotes', () => {
    expect(problems('name: { ref: ${a} }\n').join('\n')).toContain("'${name}'");
  });

  it.each([
    ['nothing', ''],
    ['a list', '- a\n'],
    ['a word', 'word\n'],
  ])('refuses %s as a document', (_, source) => {
    expect(problems(source)[0]).toContain('Expected a mapping with apiVersion and kind');
  });

  it('refuses several documents in a file', () => {
    expect(problems('name: a\n---\nname: b\n')[0]).toContain('one document in a file');
  });
});

describe('a folder of documents', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'documents-'));
    await writeFile(join(folder, 'a.yaml'), 'name: [\n');
    await writeFile(join(folder, 'b.yaml'), 'name: good\n');
    await writeFile(join(folder, 'c.txt'), 'not one of them');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is read to the end although a file in it is broken and another folder is missing', async () => {
    const { documents, problems: found } = await readDocuments([join(folder, 'missing'), folder]);
    expect(documents.map(({ value }) => value)).toEqual([{ name: 'good' }]);
    expect(found.map(({ code }) => code)).toEqual(['unreadable-folder', 'yaml-syntax']);
    expect(found[1]!.place!.file).toBe(join(folder, 'a.yaml'));
  });
});
