import { problemAt, type SourceDocument } from '../document/document.ts';
import { readDocuments } from '../document/read.ts';
import { describeError, exitCodes, MisfortuneError } from '../errors.ts';
import { type ParsedPlaybook, parsePlaybook } from '../playbook/parse.ts';
import { suggest } from '../words/nearest.ts';
import { type ParsedScenario, parseScenario, rawKind, rawName } from './parse.ts';
import type { FaultSchemas } from './schema.ts';

/** Every scenario and playbook of the folders, the broken ones too. */
export interface Library {
  scenarios: ParsedScenario[];
  playbooks: ParsedPlaybook[];
  /** Of files that are neither, or cannot be read, also of what names the folders; and of names that are there twice. */
  problems: MisfortuneError[];
}

/** Reads all scenarios and playbooks; a broken file never hides the others. */
export async function readLibrary(
  folders: { scenarios: string[]; playbooks: string[] },
  options: { faultSchemas: FaultSchemas },
): Promise<Library> {
  const { documents, problems } = await readDocuments([
    ...new Set([...folders.scenarios, ...folders.playbooks]),
  ]);
  const scenarios = documents
    .filter((each) => rawKind(each) === 'Scenario')
    .map((each) => parseScenario(each, options));
  const playbooks = documents.filter((each) => rawKind(each) === 'Playbook').map(parsePlaybook);
  const strange = documents.filter(
    (each) => !['Scenario', 'Playbook', 'Config'].includes(rawKind(each) ?? ''),
  );
  const twice = [scenarios, playbooks].flatMap((list) => duplicates(list.map(({ document }) => document)));
  return { scenarios, playbooks, problems: [...problems, ...strange.map(unknownKind), ...twice] };
}

/** A scenario by name, without problems. Throws `unknown-scenario`, or its first problem. */
export function findScenario(library: Library, name: string): ParsedScenario {
  return usable(library.scenarios, name, 'scenario', library.problems);
}

/** A playbook by name, without problems. Throws `unknown-playbook`, or its first problem. */
export function findPlaybook(library: Library, name: string): ParsedPlaybook {
  return usable(library.playbooks, name, 'playbook', library.problems);
}

function usable<T extends { document: SourceDocument; problems: MisfortuneError[] }>(
  list: T[],
  name: string,
  what: string,
  unread: readonly MisfortuneError[],
): T {
  const found = list.find(({ document }) => rawName(document) === name);
  if (found?.problems[0]) throw found.problems[0];
  if (found) return found;
  const names = list.flatMap(({ document }) => rawName(document) ?? []);
  // It may be in what could not be read.
  const todo = [suggest(name, names) ?? [], unread[0] ? `Not read: ${describeError(unread[0])}` : []].flat();
  throw new MisfortuneError(`unknown-${what}`, `There is no ${what} "${name}".`, {
    todo: todo.length > 0 ? todo.join('\n  ') : undefined,
    exitCode: exitCodes.usage,
  });
}

function unknownKind(document: SourceDocument): MisfortuneError {
  const kind = rawKind(document);
  const message = `Expected kind: Scenario or Playbook, got ${kind === undefined ? 'none' : `"${kind}"`}.`;
  return problemAt(document.place(['kind']), 'unknown-document', message, {
    todo: kind === undefined ? undefined : suggest(kind, ['Scenario', 'Playbook']),
  });
}

function duplicates(documents: SourceDocument[]): MisfortuneError[] {
  const first = new Map<string, SourceDocument>();
  return documents.flatMap((document) => {
    const name = rawName(document);
    if (name === undefined) return [];
    const other = first.get(name);
    if (!other) first.set(name, document);
    if (!other) return [];
    return [
      problemAt(document.place(['name']), 'duplicate-name', `The name "${name}" is taken by ${other.file}.`),
    ];
  });
}
