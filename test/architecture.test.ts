import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';

const src = join(packageRoot, 'src');
const allowed = allowedArrows(readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8'));
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

describe('the structure of src', () => {
  it('has a row in docs/architecture.md for every folder', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && files.some((file) => file.startsWith(`${entry.name}/`)),
    );
    expect([...allowed.keys()]).toEqual(expect.arrayContaining(folders.map((entry) => entry.name)));
  });

  it('has only the arrows that docs/architecture.md allows', () => {
    expect(files.flatMap((file) => forbidden(file))).toEqual([]);
  });

  it('imports @kubernetes/client-node from src/cluster only, types and models of the sandbox apart', () => {
    const users = files.filter((file) =>
      imports(file).some((name) => name.startsWith('@kubernetes/client-node')),
    );
    expect(users.filter((file) => !/^(cluster|sandbox)\//.test(file))).toEqual([]);
  });
});

function forbidden(file: string): string[] {
  const folder = folderOf(file);
  if (!folder)
    return imports(file)
      .filter((name) => name.startsWith('./') && name.includes('/', 2))
      .map((name) => `${file} → ${name}`);
  return imports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => folderOf(relative(src, resolve(src, dirname(file), name))))
    .filter((target) => target !== undefined && target !== folder && !allowed.get(folder)?.has(target))
    .map((target) => `${file} → ${target}`);
}

function imports(file: string): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  return [
    ...text.matchAll(
      /(?:^|\n)\s*(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function folderOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined;
}

function allowedArrows(text: string): Map<string, Set<string>> {
  const rows = text.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm);
  return new Map(
    [...rows].map((row) => [row[1] ?? '', new Set((row[2] ?? '').split(',').map((name) => name.trim()))]),
  );
}
