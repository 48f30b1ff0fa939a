import { basename, dirname } from 'node:path';
import { isCollection, isScalar, visit, Document as YamlDocument } from 'yaml';
import { problemAt } from '../../document/document.ts';
import { byPlace } from '../../document/validate.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { nearest } from '../../words/nearest.ts';
import { kubectlCommands } from '../kubectl-command.ts';
import type { Match } from '../schema.ts';
import { headingWords, type Purpose, purposeOf } from './headings.ts';
import { anchorOf, type Outline, outlineOf, type Section, unnumbered } from './outline.ts';
import { type FoundStep, harmOf, markedStep, type Reading, stepsOf } from './read-steps.ts';

export interface ImportedRunbook {
  /** The playbook as a document, before any default. */
  playbook: Record<string, unknown>;
  /** The same as YAML, with the line for editors. */
  text: string;
  /** What could not be understood, each at its place in the page. */
  notes: MisfortuneError[];
  /** Steps that a command recognises. */
  recognised: number;
}

/**
 * Makes a playbook of a runbook in Markdown. Commands of kubectl and oc become steps with matchers, prose becomes what
 * they say, a section without a command a manual step. `schema` is where the JSON Schema is, seen from the file.
 * @throws MisfortuneError `empty-runbook`: the page has no text
 */
export function importRunbook(file: string, source: string, schema: string): ImportedRunbook {
  const outline = outlineOf(file, source);
  const reading: Reading = { outline, roles: rolesIn(outline.head), notes: [...outline.problems] };
  const texts = { meaning: [] as string[], impact: [] as string[] };
  const harmful: { match: Match; why: string }[] = [];
  const steps: NamedStep[] = [];
  for (const section of outline.sections) {
    if (section.blocks.length === 0) continue;
    const known = section.heading ? purposeOf(section.path) : { purpose: 'meaning' as const, own: true };
    const marked = markedStep(section, reading);
    if (!known && !marked) unknownHeading(section, reading);
    if (known?.purpose === 'harmful' && !marked) {
      const harm = harmOf(section, reading);
      harmful.push(...harm.harmful);
      texts.impact.push(...harm.prose);
      continue;
    }
    const own = section.heading && !known?.own ? section.heading.text : undefined;
    const found: FoundStep[] = marked ? [{ draft: marked, writes: false }] : stepsOf(section, reading, own);
    const isProse = !marked && found.every(({ draft }) => draft.run === undefined);
    if (isProse && (known?.purpose === 'meaning' || known?.purpose === 'impact')) {
      texts[known.purpose].push(...found.flatMap(({ draft }) => draft.say ?? []));
      continue;
    }
    const title = found.length === 1 ? own : undefined;
    steps.push(...found.map((step) => ({ ...step, step, title, purpose: known?.purpose })));
  }
  const all = steps.length > 0 ? steps : [readingStep(texts, file)];
  const recognised = all.filter(({ draft }) => draft.match ?? draft.anyOf).length;
  if (recognised === 0) reading.notes.push(noCommand(file));
  const playbook = {
    ...{ apiVersion: 'misfortune/v1', kind: 'Playbook' },
    ...headOf(outline, reading),
    ...textsOf(texts, outline),
    ...(Object.keys(reading.roles).length > 0 && { roles: reading.roles }),
    steps: finished(all),
    ...(harmful.length > 0 && { harmful }),
  };
  return { playbook, text: yamlOf(playbook, schema), notes: reading.notes.sort(byPlace), recognised };
}

interface NamedStep extends FoundStep {
  /** As it was found: what `follows` of others points to. */
  step?: FoundStep;
  /** The heading that is its own. */
  title: string | undefined;
  purpose: Purpose | undefined;
}

/** A page that only explains is read: that is its one step. */
function readingStep({ meaning, impact }: { meaning: string[]; impact: string[] }, file: string): NamedStep {
  const say = [...meaning, ...impact].join(' ');
  if (say === '') {
    const message = 'Expected a runbook with a text, got a page without any.';
    const todo = 'Write what to look at and what to do, under headings like Diagnosis and Mitigation.';
    throw new MisfortuneError('empty-runbook', message, { todo, place: { file }, exitCode: exitCodes.usage });
  }
  const draft = { id: 'read', say, kind: 'manual' as const };
  return { draft, writes: false, title: undefined, purpose: 'triage' };
}

/** Ids, phases and the order of numbered steps. */
function finished(steps: readonly NamedStep[]): Record<string, unknown>[] {
  const taken = new Set(steps.flatMap(({ draft }) => draft.id ?? []));
  const ids = new Map<FoundStep | undefined, string>();
  const named = steps.map((one) => {
    const id = one.draft.id ?? unique(idOf(one), taken);
    taken.add(id);
    ids.set(one.step, id);
    return { ...one, id };
  });
  return named.map(({ id, draft, follows, purpose, writes }) => {
    const { id: _, phase = phaseOf(purpose, writes), ...rest } = draft;
    const before = ids.get(follows);
    const after = follows && before ? { after: [before] } : {};
    return { id, phase, ...after, ...(purpose === 'further' && { optional: true }), ...rest };
  });
}

/** What a section is for, as a phase; where none says, what its command does. */
export function phaseOf(purpose: Purpose | undefined, writes: boolean): string {
  if (purpose === 'meaning' || purpose === 'impact') return 'triage';
  if (purpose === undefined || purpose === 'further' || purpose === 'harmful')
    return writes ? 'mitigate' : 'diagnose';
  return purpose;
}

/** Of its heading, else of the first words that it says, else of its command. */
function idOf({ title, draft }: NamedStep): string {
  const words = (text: string): string[] =>
    anchorOf(text)
      .replace(/[^a-z0-9-]/g, '')
      .split('-')
      .filter(Boolean);
  const said = (draft.say ?? '').replace(/```[\s\S]*?```|`[^`]*`/g, '`').split(/(?<=\w.*)`|\]\(|https?:/)[0]!;
  const run = [draft.run ?? 'step'].flat().join(' ');
  const [first] = kubectlCommands(run);
  const command = (first ? [first.command, first.kind, ...first.names].join(' ') : run).replace(
    /<[^>]*>|\$\{[^}]*\}/g,
    ' ',
  );
  const found = [unnumbered(title ?? ''), said, command].map(words).find((list) => list.length > 0) ?? [
    'step',
  ];
  const short = found.slice(0, 6);
  while (
    short.length > 1 &&
    /^(a|an|and|are|by|for|from|if|in|is|of|on|or|the|this|to|using|via|with|you)$/.test(short.at(-1)!)
  )
    short.pop();
  return short.join('-');
}

function unique(id: string, taken: ReadonlySet<string>): string {
  let found = id;
  for (let round = 2; taken.has(found); round++) found = `${id}-${round}`;
  return found;
}

/** Keys of the page's head that mean something here, and those that other programs put there. */
const headKeys = ['name', 'title', 'answers', 'alert', 'alerts', 'roles'];

function headOf({ head, title, file, place }: Outline, { notes }: Reading): Record<string, unknown> {
  const left = Object.keys(head).filter((key) => !headKeys.includes(key));
  if (left.length > 0) {
    const message = `A playbook has no place for ${left.join(', ')} of the page's head: left out.`;
    notes.push(problemAt({ file, line: 1, column: 1 }, 'head-left-out', message));
  }
  const plain = basename(file).replace(/\.\w+$/, '');
  const page = /^(readme|index|_index)$/i.test(plain) ? basename(dirname(file)) : plain;
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' && value !== '' ? value : undefined;
  const name = slugOf(text(head.name) ?? page) || 'runbook';
  const listed = [head.answers ?? head.alerts ?? head.alert ?? []].flat().map(String);
  const alert = [title?.text ?? '', page].find((word) =>
    /^(?=.*([a-z][A-Z]|[A-Z]{2}[a-z]))[A-Za-z]\w*$/.test(word),
  );
  const answers = listed.length > 0 || !alert ? listed : [alert];
  if (answers.length === 0) {
    const message = 'The page names no alert that it answers: the playbook has no `answers`.';
    const todo = 'Write `answers: [ALERT]` into it, or into the head of the page.';
    notes.push(
      problemAt(title ? place(title.node) : { file, line: 1, column: 1 }, 'no-alert', message, { todo }),
    );
  }
  return {
    name,
    title: text(head.title) ?? title?.text ?? name,
    ...(answers.length > 0 && { answers }),
  };
}

/** KubePodCrashLooping → kube-pod-crash-looping */
function slugOf(text: string): string {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function rolesIn({ roles }: Outline['head']): Reading['roles'] {
  if (typeof roles !== 'object' || roles === null) return {};
  return Object.fromEntries(
    Object.entries(roles).flatMap(([role, kind]) =>
      kind === 'name' || kind === 'ref' ? [[role, kind]] : [],
    ),
  );
}

/** The title says what it means where nothing else does: `render` writes it there. */
function textsOf(
  { meaning, impact }: { meaning: string[]; impact: string[] },
  { head }: Outline,
): Record<string, string> {
  const means = meaning.join(' ');
  return {
    ...(means !== '' && means !== head.title && { meaning: means }),
    ...(impact.length > 0 && { impact: impact.join(' ') }),
  };
}

function unknownHeading({ heading }: Section, { outline, notes }: Reading): void {
  if (!heading) return;
  const near = nearest(heading.text, headingWords);
  const message = `The heading "${heading.text}" says no phase: steps that change something are taken for mitigation, others for diagnosis.`;
  const todo = near
    ? `Did you mean "${near}"?`
    : 'Write `phase` into the steps, or put them below a heading like Diagnosis.';
  notes.push(problemAt(outline.place(heading.node), 'unknown-heading', message, { todo }));
}

function noCommand(file: string): MisfortuneError {
  const message = 'The runbook has no command of kubectl or oc: all steps of the playbook are manual.';
  const todo =
    'Nothing will recognise them; `misfortune note --step ID` in a game does. Write a command into the runbook.';
  return problemAt({ file, line: 1, column: 1 }, 'no-command', message, { todo });
}

/** Lists of one text as the text: `verb: get`. */
function brief(value: unknown): unknown {
  if (Array.isArray(value)) {
    const [only] = value;
    return value.length === 1 && typeof only === 'string' ? only : value.map(brief);
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, brief(item)]));
}

function yamlOf(playbook: Record<string, unknown>, schema: string): string {
  const document = new YamlDocument(playbook);
  const onOneLine = new Set(['match', 'roles', 'answers', 'after']);
  visit(document, {
    Pair(_, pair) {
      const { key, value } = pair;
      if (isScalar(key) && key.value === 'match' && isCollection(value))
        pair.value = document.createNode(brief(value.toJSON()));
    },
  });
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && onOneLine.has(String(key.value)) && isCollection(value)) value.flow = true;
    },
  });
  const text = document.toString({ lineWidth: 120, flowCollectionPadding: true });
  return `# yaml-language-server: $schema=${schema}\n${text}`;
}
