import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { tryParseRef } from '../../cluster/ref.ts';
import { loadConfig } from '../../config/load.ts';
import { slug } from '../../document/fields.ts';
import { parseSource, readDocuments } from '../../document/read.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { claimedRefs, faultSchemas, faultType, faultTypes } from '../../fault/types/registry.ts';
import { packageRoot } from '../../paths.ts';
import { parsePlaybook } from '../../playbook/parse.ts';
import { toFillIn } from '../../scenario/new-documents.ts';
import { newScenario } from '../../scenario/new-scenario.ts';
import { parseScenario, rawName } from '../../scenario/parse.ts';
import { suggest } from '../../words/nearest.ts';
import { askTexts, type Question } from '../ask.ts';
import { print } from '../output.ts';

export interface NewOptions {
  title?: string;
  fault?: string;
  target?: string;
  alert?: string;
  owner?: string;
  config?: string;
  json?: boolean;
}

/**
 * Writes a scenario and a playbook that lint, with each line marked that only their author can fill in. What the options
 * leave out is asked in a terminal, elsewhere it has to be there. Overwrites nothing.
 * @throws MisfortuneError `interrupted`, `what-to-write`, `bad-answer`, `name-taken`, `no-folder`, or the first thing that would not lint
 */
export async function newScenarioFiles(name: string | undefined, options: NewOptions): Promise<void> {
  const given: Record<string, string | undefined> = { name, ...options, json: undefined, config: undefined };
  const answers = await answersOf(given);
  const { config } = await loadConfig({ file: options.config });
  const scenarioFile = join(folderOf(config.scenarios), `${answers.name}.yaml`);
  const playbookFile = join(folderOf(config.playbooks), `${answers.name}.yaml`);
  const files = [scenarioFile, playbookFile].filter((file) => existsSync(file));
  const { documents } = await readDocuments([...config.scenarios, ...config.playbooks]);
  const named = documents.filter((one) => rawName(one) === answers.name).map(({ file }) => file);
  const taken = [...new Set([...files, ...named])];
  if (taken.length > 0)
    throw new MisfortuneError(
      'name-taken',
      `Nothing was written: ${answers.name} is in ${taken.join(', ')}.`,
      {
        todo: 'Choose another name.',
        exitCode: exitCodes.usage,
      },
    );
  const texts = textsFor(answers, { scenarioFile, playbookFile });
  const written = [
    { file: scenarioFile, text: texts.scenario },
    { file: playbookFile, text: texts.playbook },
  ];
  for (const { file, text } of written) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  }
  print(
    written.map(({ file, text }) => ({ file, toFillIn: openLines(text) })),
    options,
    () => summary(answers.name ?? '', written),
  );
}

async function answersOf(given: Record<string, string | undefined>): Promise<Record<string, string>> {
  for (const { key, problem } of questions) {
    const wrong = given[key] === undefined ? undefined : problem(given[key]);
    if (wrong !== undefined) throw new MisfortuneError('bad-answer', wrong, { exitCode: exitCodes.usage });
  }
  const open = questions.filter(({ key }) => given[key] === undefined);
  const known = Object.fromEntries(questions.flatMap(({ key }) => (given[key] ? [[key, given[key]]] : [])));
  const { stdin, stderr } = process;
  if (stdin.isTTY && stderr.isTTY) {
    // What is printed at the end may be piped on: the questions are not part of it.
    const asked = await askTexts(open, { stdin, stdout: stderr });
    if (asked) return { ...known, ...asked };
    throw new MisfortuneError('interrupted', 'Nothing was written: not all questions have an answer.', {
      exitCode: exitCodes.interrupted,
    });
  }
  const missing = open.filter(({ fallback }) => fallback === undefined).map(({ key }) => key);
  if (missing.length > 0) {
    const words = missing.map((key) => (key === 'name' ? 'a name' : `--${key}`));
    throw new MisfortuneError('what-to-write', `Expected ${words.join(', ')}.`, {
      todo: 'For example: misfortune scenario new slow-quotes --title "Prices take seconds" --alert CheckoutLatencyHigh',
      exitCode: exitCodes.usage,
    });
  }
  return { ...Object.fromEntries(open.map(({ key, fallback }) => [key, fallback ?? ''])), ...known };
}

const questions: Question[] = [
  {
    key: 'name',
    text: 'Name, as in the file (only game masters see it)',
    problem: (answer) =>
      slug.safeParse(answer).success
        ? undefined
        : `Expected small letters, digits and - for the name, got "${answer}".`,
  },
  { key: 'title', text: 'Title: the symptom', problem: someText('a title') },
  {
    key: 'fault',
    text: `What is broken: ${Object.keys(faultTypes).join(', ')}`,
    fallback: 'workload',
    problem: (answer) =>
      faultTypes[answer]
        ? undefined
        : `There is no fault type "${answer}". ${suggest(answer, Object.keys(faultTypes)) ?? ''}`.trim(),
  },
  {
    key: 'target',
    text: 'In which object customers feel it',
    fallback: 'deployment/shop/checkout',
    problem: (answer) =>
      tryParseRef(answer)
        ? undefined
        : `Expected a reference like deployment/shop/checkout, got "${answer}".`,
  },
  { key: 'alert', text: 'The alert that ought to page', problem: someText('the name of an alert') },
  { key: 'owner', text: 'The team that is paged', fallback: 'checkout', problem: someText('a team') },
];

function someText(what: string): Question['problem'] {
  return (answer) => (answer.trim() === '' ? `Expected ${what}, got nothing.` : undefined);
}

/** The team's own folder, if misfortune.yaml names one; else that of this checkout. */
function folderOf(folders: readonly string[]): string {
  const folder = folders[1] ?? folders[0] ?? '';
  if (!folder.split(sep).includes('node_modules')) return folder;
  throw new MisfortuneError('no-folder', 'There is no folder of yours for scenarios and playbooks.', {
    todo: 'Make a misfortune.yaml with `scenarios: [./scenarios]` and `playbooks: [./playbooks]`.',
    exitCode: exitCodes.usage,
  });
}

/** Keys of a fault's spec that name what it is aimed at. */
const aims = ['ref', 'target', 'of', 'service'];

function textsFor(
  answers: Record<string, string>,
  { scenarioFile, playbookFile }: { scenarioFile: string; playbookFile: string },
): { scenario: string; playbook: string } {
  const { name = '', title = '', alert = '', owner = '', target = '' } = answers;
  const { type, mechanism, example } = faultType(answers.fault ?? '');
  const aim = aims.find((key) => sameKind(example[key], target));
  const spec = aim === undefined ? example : { ...example, [aim]: target };
  const made = claimedRefs({ type, spec: faultSchemas[type]?.parse(spec) });
  const origin = made[0] ?? target;
  const namespaces = [target, origin].flatMap((ref) => tryParseRef(ref)?.namespace ?? []);
  const texts = newScenario({
    ...{ name, title, owner, alert, target, origin },
    fault: { type, spec, mechanism },
    namespaces: [...new Set(namespaces)],
    schemas: { scenario: schemaFor(scenarioFile, 'scenario'), playbook: schemaFor(playbookFile, 'playbook') },
  });
  assertReadable(scenarioFile, texts.scenario, (document) => parseScenario(document, { faultSchemas }));
  assertReadable(playbookFile, texts.playbook, parsePlaybook);
  return texts;
}

function sameKind(example: unknown, target: string): boolean {
  const kind = (ref: unknown) => (typeof ref === 'string' ? ref.split(/[./]/)[0] : undefined);
  return example !== undefined && kind(example) === kind(target);
}

/** Relative where both are of one project, as a path of this machine helps nobody else. */
export function schemaFor(file: string, kind: 'scenario' | 'playbook'): string {
  const schema = join(packageRoot, 'docs', 'schemas', `${kind}.json`);
  const path = relative(dirname(file), schema);
  return path.startsWith(['..', '..', '..'].join(sep)) ? schema : path.split(sep).join('/');
}

type Parse = (document: Parameters<typeof parsePlaybook>[0]) => { problems: MisfortuneError[] };

/** @throws the first problem of what would be written: an answer that is no good in its place */
function assertReadable(file: string, text: string, parse: Parse): void {
  const { document, problems } = parseSource(file, text);
  const found = [...problems, ...(document ? parse(document).problems : [])][0];
  if (found) throw found;
}

function openLines(text: string): { line: number; what: string }[] {
  return text.split('\n').flatMap((line, index) => {
    const at = line.indexOf(`${toFillIn}: `);
    return at < 0 ? [] : [{ line: index + 1, what: line.slice(at + toFillIn.length + 2) }];
  });
}

function summary(name: string, written: readonly { file: string; text: string }[]): string[] {
  return [
    ...written.flatMap(({ file, text }) => [
      `wrote ${relative(process.cwd(), file) || file}; to fill in:`,
      ...openLines(text).map(({ line, what }) => `  ${String(line).padStart(3)}  ${what}`),
    ]),
    '',
    'Then: misfortune scenario lint',
    `      misfortune scenario try ${name}`,
    `      misfortune validate ${name}`,
  ];
}
