import type { SourceDocument } from '../../document/document.ts';
import { readDocument } from '../../document/read.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { faultSchemas } from '../../fault/types/registry.ts';
import { bindPlaybook } from '../../playbook/bind.ts';
import { parsePlaybook } from '../../playbook/parse.ts';
import type { Playbook } from '../../playbook/schema.ts';
import { parseScenario } from '../../scenario/parse.ts';
import type { Scenario } from '../../scenario/schema.ts';

/** What a game is made of, as it was read from its files. */
export interface GameSources {
  scenario: SourceDocument;
  playbook: SourceDocument;
}

/** The two files of a game. @throws their first problem, with its place */
export async function openSources(files: { scenario: string; playbook: string }): Promise<GameSources> {
  return { scenario: await openDocument(files.scenario), playbook: await openDocument(files.playbook) };
}

/** @throws the first of the document's problems, with its place */
export function readScenario(document: SourceDocument, params: Record<string, unknown>): Scenario {
  const { scenario, problems } = parseScenario(document, { faultSchemas, params });
  return whole(scenario, problems, document.file);
}

/** The playbook with its roles bound as the scenario says. @throws its first problem, with its place */
export function readPlaybook(document: SourceDocument, scenario: Scenario): Playbook {
  return bindPlaybook(readUnbound(document), scenario.playbook.with);
}

/** The playbook as its file has it, its roles not bound. @throws its first problem, with its place */
export function readUnbound(document: SourceDocument): Playbook {
  const { playbook, problems } = parsePlaybook(document);
  return whole(playbook, problems, document.file);
}

/** One YAML file. @throws its first problem, with its place */
export async function openDocument(file: string): Promise<SourceDocument> {
  const { document, problems } = await readDocument(file);
  return whole(document, problems, file);
}

function whole<T>(value: T | undefined, problems: MisfortuneError[], file: string): T {
  const [problem] = problems;
  if (problem) throw problem;
  if (value !== undefined) return value;
  throw new MisfortuneError('unreadable-document', `${file} cannot be read.`, { exitCode: exitCodes.usage });
}
