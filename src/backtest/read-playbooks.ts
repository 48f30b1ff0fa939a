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
  if (!existsSync(path))
    throw unreadable(path, 'found no such file or folder', 'Name a playbook, or a folder of them.');
  const isFolder = statSync(path).isDirectory();
  const read = isFolder ? await readDocuments([path]) : await readDocument(path);
  // A file that is no YAML cannot say which playbook it was.
  if (read.problems[0]) throw read.problems[0];
  const documents = 'documents' in read ? read.documents : read.document ? [read.document] : [];
  const playbooks = documents
    .filter(({ value }) => (value as { kind?: unknown } | null)?.kind === 'Playbook')
    .map((document) => parsePlaybook(document));
  if (playbooks.length > 0) return { playbooks, isFolder };
  throw unreadable(path, 'found none', 'A playbook has `kind: Playbook`.');
}

function unreadable(path: string, found: string, todo: string): MisfortuneError {
  return new MisfortuneError('unreadable-playbooks', `Expected playbooks in ${path}, ${found}.`, {
    todo,
    exitCode: exitCodes.usage,
  });
}
