import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';

const src = join(packageRoot, 'src');
const page = readFileSync(join(packageRoot, 'docs/architecture.md'), 'utf8');
const allowed = allowedArrows(page);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file));

describe('the structure of src', () => {
  it('has a row in docs/architecture.md for every folder', () => {
    const folders = readdirSync(src, { withFileTypes: true }).filter(
      (entry) => entry.isDirectory() && files.some((file) => file.startsWith(`${entry.name}/`)),
    );
    expect([...allowed.keys()]).toEqual(expect.arrayContaining(folders.map((entry) => entry.name)));
  });

  it('has a row there for every folder within one of these, and none for one that is gone', () => {
    const inside = new Set(
      files
        .map((file) => file.split('/').slice(0, -1))
        .flatMap(([of, name]) => (name ? `${of}/${name}` : [])),
    );
    const rows = [...page.matchAll(/^\| (`\w+\/[^|]*) \|/gm)].flatMap(
      ([, names = '']) => names.match(/[\w-]+\/[\w-]+/g) ?? [],
    );
    expect(rows.sort()).toEqual([...inside].sort());
  });

  it('has only the arrows that docs/architecture.md allows', () => {
    expect(files.flatMap((file) => forbidden(file))).toEqual([]);
  });

  it('loads @kubernetes/client-node from src/cluster only; its types are for all', () => {
    const loading =
      /import (?!type\b)[^;]*?['"]@kubernetes\/client-node|import\(['"]@kubernetes\/client-node/;
    const users = files.filter((file) => loading.test(source(file)));
    expect(users.filter((file) => !file.startsWith('cluster/'))).toEqual([]);
    expect(users).not.toEqual([]);
  });

  it('has no types of Kubernetes written by hand beside those of the client', () => {
    const field = /^ {2}(containers|containerStatuses|matchLabels|matchExpressions|nodeSelectorTerms)\??:/m;
    const writers = files.filter((file) =>
      [...source(file).matchAll(/^(?:export )?interface [^{]*\{\n([\s\S]*?)^\}/gm)].some(([, body = '']) =>
        field.test(body),
      ),
    );
    expect(writers).toEqual(writtenByHand);
  });

  it('has no circle of imports, those of types included', () => {
    expect(circles()).toEqual([]);
  });

  it('has no folder with more than 20 files directly in it, save lists of like things', () => {
    const folders = [...new Set(files.map((file) => dirname(file)))];
    const count = (folder: string) => files.filter((file) => dirname(file) === folder).length;
    expect(folders.filter((folder) => count(folder) > 20 && !listsOfLikeThings.has(folder))).toEqual([]);
  });

  it('has no file of more than 400 lines', () => {
    const long = files.filter((file) => source(file).split('\n').length > 401);
    expect(long).toEqual([]);
  });
});

/** Folders in which each file is one more of the same: the number of files is the number of these things. */
const listsOfLikeThings = new Set(['check/kinds', 'sandbox/apiserver/kinds']);

/** What anybody may have sent, so nothing is known of it; what the kubelet keeps by container. */
const writtenByHand = ['recorder/title-arguments.ts', 'sandbox/kubelet/pod/status.ts'];

/** Groups of files of which each reaches all others by imports (Tarjan's strongly connected components). */
function circles(): string[][] {
  const found: string[][] = [];
  const seen = new Map<string, { index: number; low: number; onStack: boolean }>();
  const stack: string[] = [];
  for (const file of files) if (!seen.has(file)) visit(file);
  return found;

  function visit(file: string) {
    const mark = { index: seen.size, low: seen.size, onStack: true };
    seen.set(file, mark);
    stack.push(file);
    for (const target of importedFiles(file)) {
      const known = seen.get(target);
      if (known?.onStack) mark.low = Math.min(mark.low, known.index);
      else if (!known) mark.low = Math.min(mark.low, visit(target).low);
    }
    if (mark.low === mark.index) {
      const circle = stack.splice(stack.indexOf(file));
      for (const each of circle) seen.get(each)!.onStack = false;
      if (circle.length > 1 || importedFiles(file).includes(file)) found.push(circle.sort());
    }
    return mark;
  }
}

function importedFiles(file: string): string[] {
  return imports(file)
    .filter((name) => /^\..*\.tsx?$/.test(name))
    .map((name) => relative(src, resolve(src, dirname(file), name)));
}

function forbidden(file: string): string[] {
  const folder = folderOf(file);
  if (!folder)
    return imports(file)
      .filter((name) => name.startsWith('./') && name.includes('/', 2))
      .map((name) => `${file} → ${name}`);
  return imports(file)
    .filter((name) => name.startsWith('.'))
    .map((name) => folderOf(relative(src, resolve(src, dirname(file), name))))
    .filter(
      (target) =>
        target !== undefined && target !== folder && target !== 'words' && !allowed.get(folder)?.has(target),
    )
    .map((target) => `${file} → ${target}`);
}

function source(file: string): string {
  return readFileSync(join(src, file), 'utf8');
}

function imports(file: string): string[] {
  return [
    ...source(file).matchAll(
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
