import type { SourceDocument } from '../document/document.ts';
import { readDocument } from '../document/read.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { faultSchemas } from '../fault/registry.ts';
import { bindPlaybook } from '../playbook/bind.ts';
import { parsePlaybook } from '../playbook/parse.ts';
import type { Playbook } from '../playbook/schema.ts';
import { parseScenario } from '../scenario/parse.ts';
import type { Scenario } from '../scenario/schema.ts';

/** @throws the first of the document's problems, with its place */
export function readScenario(document: SourceDocument, params: Record<string, unknown>): Scenario {
  const { scenario, problems } = parseScenario(document, { faultSchemas, params });
  return whole(scenario, problems, document.file);
}

/** The playbook with its roles bound as the scenario says. @throws its first problem, with its place */
export function readPlaybook(document: SourceDocument, scenario: Scenario): Playbook {
  const { playbook, problems } = parsePlaybook(document);
  return bindPlaybook(whole(playbook, problems, document.file), scenario.playbook.with);
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
