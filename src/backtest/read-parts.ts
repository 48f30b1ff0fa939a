import { existsSync, statSync } from 'node:fs';
import { readDocument, readDocuments } from '../document/read.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { type ParsedPlaybook, parsePlaybook } from '../playbook/parse.ts';

/**
 * The playbooks of a file or folder, those with problems too: what is wrong with them is a result. Other kinds of documents in
 * it are left out. @throws MisfortuneError `unreadable-playbooks`
 */
export async function readPlaybooks(
  path: string,
): Promise<{ playbooks: ParsedPlaybook[]; isFolder: boolean }> {
  const isFolder = isThere(path, 'playbooks') && statSync(path).isDirectory();
  const read = isFolder ? await readDocuments([path]) : await readDocument(path);
  // A file that is no YAML cannot say which playbook it was.
  if (read.problems[0]) throw read.problems[0];
  const documents = 'documents' in read ? read.documents : read.document ? [read.document] : [];
  const playbooks = documents
    .filter(({ value }) => (value as { kind?: unknown } | null)?.kind === 'Playbook')
    .map((document) => parsePlaybook(document));
  if (playbooks.length > 0) return { playbooks, isFolder };
  throw unreadable('playbooks', path, 'found none', 'A playbook has `kind: Playbook`.');
}

function isThere(path: string, what: string): boolean {
  if (existsSync(path)) return true;
  throw unreadable(what, path, 'found no such file or folder', `Name a file, or a folder of ${what}.`);
}

function unreadable(what: string, path: string, found: string, todo: string): MisfortuneError {
  return new MisfortuneError(`unreadable-${what}`, `Expected ${what} in ${path}, ${found}.`, {
    todo,
    exitCode: exitCodes.usage,
  });
}
