import { stringify } from 'yaml';

/** What is known of a scenario before anything of it is written. */
export interface NewScenario {
  name: string;
  title: string;
  owner: string;
  /** The alert that ought to page for it. */
  alert: string;
  fault: { type: string; spec: unknown; mechanism: string };
  /** Reference of what is broken: what a diagnosis has to name. */
  origin: string;
  /** Reference of what customers feel it in; often the same. */
  target: string;
  namespaces: readonly string[];
  /** Where the JSON Schemas are, seen from the file of each. */
  schemas: { scenario: string; playbook: string };
}

/** Marks what only the author can know. `scenario new` lists these lines. */
export const toFillIn = '# TODO';

/** A text as YAML writes it on one line, also within `{}` and `[]`. */
export function scalar(value: string): string {
  const line = value.trim().replace(/\s+/g, ' ');
  const isPlain = stringify(line) === `${line}\n` && !/[{}[\],]/.test(line);
  return isPlain ? line : `'${line.replaceAll("'", "''")}'`;
}
