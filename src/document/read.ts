import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlias, isCollection, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import { MisfortuneError } from '../errors.ts';
import { Places, problemAt, type SourceDocument } from './document.ts';
import { type Excess, excessIn, limits } from './limits.ts';

/**
 * Reads every .yaml and .yml file of the folders (not below them), in order of name. A file that cannot be read
 * or parsed is a problem and does not hide the others; so is a folder that is not there.
 */
export async function readDocuments(
  folders: string[],
): Promise<{ documents: SourceDocument[]; problems: MisfortuneError[] }> {
  const documents: SourceDocument[] = [];
  const problems: MisfortuneError[] = [];
  for (const folder of folders) {
    for (const file of await yamlFiles(folder, problems)) {
      const read = await readDocument(file);
      if (read.document) documents.push(read.document);
      problems.push(...read.problems);
    }
  }
  return { documents, problems };
}

/** Reads one YAML file; every problem has its place. */
export async function readDocument(
  file: string,
): Promise<{ document?: SourceDocument; problems: MisfortuneError[] }> {
  try {
    const found = await stat(file);
    // A named pipe would be waited for, a device be read for ever.
    if (!found.isFile()) {
      const message = `Expected a file, got ${whatIs(found)}.`;
      return { problems: [problemAt({ file }, 'not-a-file', message)] };
    }
    if (found.size > limits.bytes) {
      const message = `Expected a document of at most 1 MiB, got ${(found.size / limits.bytes).toFixed(1)} MiB.`;
      return { problems: [problemAt({ file }, 'document-too-large', message)] };
    }
    return parseSource(file, await readFile(file, 'utf8'));
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : String(error);
    const problem = problemAt({ file }, 'unreadable-file', `The file cannot be read: ${reason}.`, {
      cause: error,
    });
    return { problems: [problem] };
  }
}

/** Parses the text of a document; `file` is for the places only. */
export function parseSource(
  file: string,
  source: string,
): { document?: SourceDocument; problems: MisfortuneError[] } {
  const lines = new LineCounter();
  const excess = excessIn(source);
  if (excess) return { problems: [tooMuch(file, source, excess)] };
  const parsed = parseDocument(source, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const places = new Places(file, parsed, lines);
  const problems = parsed.errors.slice(0, limits.problems).map((error) => yamlProblem(error, places, source));
  const collection = findCollectionKey(parsed);
  if (collection !== undefined) {
    const message = 'Expected a text as key, got a mapping or a list.';
    problems.push(problemAt(places.at(collection), 'bad-key', message));
  }
  const alias = findAlias(parsed);
  if (alias !== undefined) {
    const message = 'Anchors and aliases (&, *) are not used in these documents.';
    problems.push(problemAt(places.at(alias), 'yaml-alias', message, { todo: 'Use params instead.' }));
  }
  if (problems.length > 0) return { problems };
  const value: unknown = parsed.toJS();
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    const message = 'Expected a mapping with apiVersion and kind, got something else.';
    return { problems: [problemAt({ file, line: 1, column: 1 }, 'not-a-document', message)] };
  }
  return {
    document: {
      file,
      source,
      hash: createHash('sha256').update(source).digest('hex'),
      value,
      place: (path) => places.place(path),
      keyPlace: (path) => places.keyPlace(path),
    },
    problems: [],
  };
}

async function yamlFiles(folder: string, problems: MisfortuneError[]): Promise<string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch (error) {
    problems.push(
      new MisfortuneError('unreadable-folder', `The folder ${folder} cannot be read.`, {
        cause: error,
        exitCode: 2,
        place: { file: folder },
      }),
    );
    return [];
  }
}

function whatIs(found: Stats): string {
  if (found.isDirectory()) return 'a folder';
  if (found.isFIFO()) return 'a named pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

function tooMuch(file: string, source: string, { of, offset }: Excess): MisfortuneError {
  const before = source.slice(0, offset).split('\n');
  const place = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return of === 'depth'
    ? problemAt(place, 'nested-too-deeply', `Expected at most ${limits.depth} levels of nesting, got more.`)
    : problemAt(
        place,
        'document-too-large',
        `Expected at most ${limits.tokens} keys, values and marks, got more.`,
      );
}

function yamlProblem(error: YAMLError, places: Places, source: string): MisfortuneError {
  const place = places.at(error.pos[0]);
  if (error.code === 'DUPLICATE_KEY') {
    return problemAt(place, 'duplicate-key', 'This key is used twice.', { todo: 'Keep one of the two.' });
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return problemAt(place, 'several-documents', 'Expected one document in a file, got several.', {
      todo: 'Put each into its own file.',
    });
  }
  const line = source.split('\n')[(place.line ?? 1) - 1] ?? '';
  const todo = /[{,[].*\$\{/.test(line)
    ? `Put quotes around \${…} inside { } and [ ]: '\${name}'.`
    : undefined;
  return problemAt(place, 'yaml-syntax', `Not valid YAML: ${error.message}`, { todo });
}

function findCollectionKey(parsed: ReturnType<typeof parseDocument>): number | undefined {
  let offset: number | undefined;
  visit(parsed, {
    Pair(_, { key }) {
      if (!isCollection(key)) return undefined;
      offset = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return offset;
}

function findAlias(parsed: ReturnType<typeof parseDocument>): number | undefined {
  let offset: number | undefined;
  visit(parsed, (_, node) => {
    const found =
      isAlias(node) || (typeof node === 'object' && node !== null && 'anchor' in node && node.anchor);
    if (!found) return undefined;
    offset = (node as { range?: [number, number, number] }).range?.[0] ?? 0;
    return visit.BREAK;
  });
  return offset;
}
