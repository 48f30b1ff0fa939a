import { problemAt } from '../../document/document.ts';
import type { MisfortuneError, SourcePlace } from '../../errors.ts';
import { matchOf } from '../command-match.ts';
import { kubectlCommands } from '../kubectl-command.ts';
import { lintCommands } from '../lint-commands.ts';
import type { Match, Playbook } from '../schema.ts';
import { shellWords } from '../shell-words.ts';
import { assignment, codeLines } from './code-lines.ts';
import { anchorOf, type Block, type Outline, type Section, unnumbered } from './outline.ts';
import { escaped, withRoles } from './placeholders.ts';
import { attributesIn, extrasIn, oneOfThese, type StepExtras } from './step-text.ts';

/** A step as it is read from a page: not all of it is known yet. Its keys are those of a playbook. */
export interface StepDraft {
  id?: string;
  say?: string;
  run?: string | string[];
  match?: Match;
  kind?: 'manual';
  after?: string[];
  anyOf?: StepDraft[];
  phase?: string;
  [key: string]: unknown;
}

/** A step of a section, with what is no key of the document. */
export interface FoundStep {
  draft: StepDraft;
  /** Its command changes something. */
  writes: boolean;
  /** The numbered step before it. */
  follows?: FoundStep;
}

/** What reading goes on with: the page, roles found so far, and what could not be understood. */
export interface Reading {
  outline: Outline;
  roles: Playbook['roles'];
  notes: MisfortuneError[];
}

/** One step that `render` wrote, or somebody in its form, verbatim; undefined: the section has another form. */
export function markedStep({ heading, blocks }: Section, { outline, roles }: Reading): StepDraft | undefined {
  const extras = extrasAmong(blocks);
  if (!heading || extras.length === 0) return undefined;
  return merged({ id: anchorOf(heading.text), ...doingOf(blocks, outline, roles) }, extras);
}

function extrasAmong(blocks: readonly Block[]): StepExtras[] {
  return blocks.flatMap((block): StepExtras[] => {
    const extras = block.type === 'html' ? extrasIn(block.value) : undefined;
    return extras ? [extras] : [];
  });
}

/** What the text of a step or of an alternative says. */
function doingOf(blocks: readonly Block[], outline: Outline, roles: Playbook['roles']): StepDraft {
  const says: string[] = [];
  const run: string[] = [];
  let found: StepDraft = {};
  for (const block of blocks) {
    if (block.type === 'html' && extrasIn(block.value)) continue;
    if (block.type === 'code') {
      run.push(...(codeLines(block.value, block.lang)?.lines ?? []).map(({ text }) => text));
      continue;
    }
    if (block.type === 'list' && says.at(-1) === oneOfThese) {
      says.pop();
      found.anyOf = block.children.map((item) => branchOf(item.children as Block[], outline, roles));
      continue;
    }
    const text = outline.textOf(block);
    const attributes = block.type === 'paragraph' ? attributesIn(text) : undefined;
    if (attributes) found = { ...found, ...attributes };
    else says.push(text);
  }
  const matches = run.flatMap((line) => matchOfLine(line, roles) ?? []);
  const match = matches.length > 1 ? { any: matches } : matches[0];
  return {
    ...(says.length > 0 && { say: says.join('\n\n') }),
    ...(run.length > 0 && { run }),
    ...(match && { match }),
    ...found,
  };
}

/** `**by-hand**: Stop it.` and what stands below. */
function branchOf(blocks: readonly Block[], outline: Outline, roles: Playbook['roles']): StepDraft {
  const [first, ...rest] = blocks;
  const text = first?.type === 'paragraph' ? outline.textOf(first) : '';
  const [, id, say] = /^\*\*([^*]+)\*\*:?\s*([\s\S]*)$/.exec(text) ?? [];
  const extras = extrasAmong(rest);
  const doing = doingOf(id === undefined ? blocks : rest, outline, roles);
  return merged({ ...(id !== undefined && { id }), ...(say && { say }), ...doing }, extras);
}

/** A comment says what the text cannot: null takes away what the text seems to say. */
function merged(draft: StepDraft, extras: readonly StepExtras[]): StepDraft {
  const all: StepDraft = Object.assign({}, draft, ...extras);
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
}

/**
 * The steps that a section of a runbook has: one for each command, with the prose before it; what has no command is done by
 * people. Numbered ones come one after the other. `title`: the heading, where it says what is done.
 */
export function stepsOf({ blocks }: Section, reading: Reading, title?: string): FoundStep[] {
  const steps = stepsIn(blocks, reading);
  const [first] = steps;
  if (!first || steps.some(({ draft }) => draft.run !== undefined)) {
    if (first && title) first.draft = { say: escaped(unnumbered(title), reading.roles), ...first.draft };
    return steps;
  }
  // Without any command a section is one step.
  return [byPeople(steps.map(({ draft }) => draft.say ?? '').join(' '))];
}

function byPeople(say: string): FoundStep {
  return { draft: { say, kind: 'manual' }, writes: false };
}

function stepsIn(blocks: readonly Block[], reading: Reading): FoundStep[] {
  const { outline } = reading;
  const steps: FoundStep[] = [];
  let prose: string[] = [];
  const take = (more = ''): string => {
    const text = [...prose, more]
      .filter(Boolean)
      .join(' ')
      .replace(/ ?\n ?/g, '\n')
      .trim();
    prose = [];
    return escaped(text, reading.roles);
  };
  const add = (line: string, place: SourcePlace, comment?: string): void => {
    const step = stepOf(line, place, reading);
    if (!step) return;
    const { say: own = '', ...draft } = step.draft;
    const prose = take(comment);
    // A command within a sentence is there already.
    const say = prose.includes(own) ? prose : `${prose} ${own}`.trim();
    steps.push({ ...step, draft: { ...(say && { say }), ...draft } });
  };
  for (const block of blocks) {
    if (block.type === 'code') {
      const code = codeLines(block.value, block.lang);
      // Indented code begins on its own line, fenced code below the fence.
      const isFenced = /^(`{3}|~{3})/.test(outline.textOf(block));
      const first = (block.position?.start.line ?? 1) + (isFenced ? 1 : 0);
      for (const line of code?.lines ?? [])
        add(line.text, outline.place(block, first + line.line), line.comment);
      if (code) outputNote(code.output, first, reading, block);
      else {
        notCommands(block, reading);
        prose.push(quoted(block.value));
      }
    } else if (block.type === 'list' && holdsCommand(block)) {
      steps.push(...listSteps(block, take(), reading));
    } else {
      prose.push(proseOf(block, reading));
      for (const { value, place } of inlineCommands(block, outline)) add(value, place);
    }
  }
  const left = take();
  return left === '' ? steps : [...steps, byPeople(left)];
}

function listSteps(list: Block & { type: 'list' }, intro: string, reading: Reading): FoundStep[] {
  const steps: FoundStep[] = [];
  let before: FoundStep | undefined;
  for (const item of list.children) {
    const own = stepsIn(item.children as Block[], reading);
    const [first] = own;
    if (first && steps.length === 0 && intro)
      first.draft = { ...first.draft, say: [intro, first.draft.say].filter(Boolean).join(' ') };
    if (first && before && list.ordered) first.follows = before;
    before = own.at(-1) ?? before;
    steps.push(...own);
  }
  return steps;
}

/** What a section warns of: commands that do harm, with the text that says why; and what is said without any command. */
export function harmOf(
  { blocks }: Section,
  reading: Reading,
): { harmful: { match: Match; why: string }[]; prose: string[] } {
  const { outline, roles, notes } = reading;
  const harmful: { match: Match; why: string }[] = [];
  const prose: string[] = [];
  const parts = blocks.flatMap((block) =>
    block.type === 'list' ? block.children.map((item) => item.children as Block[]) : [[block]],
  );
  for (const part of parts) {
    const extras = extrasAmong(part);
    const texts = part.filter((block) => block.type !== 'html' && block.type !== 'code');
    const why = texts.map((block) => outline.textOf(block)).join(' ');
    if (extras[0]?.match) {
      harmful.push({ match: extras[0].match as Match, why });
      continue;
    }
    const lines = part.flatMap((block) => [
      ...(block.type === 'code'
        ? (codeLines(block.value, block.lang)?.lines ?? []).map(({ text }) => text)
        : []),
      ...inlineCommands(block, outline).map(({ value }) => value),
    ]);
    const matches = lines.flatMap((line) => matchOf(withRoles(line, roles), roles) ?? []);
    harmful.push(...matches.map((match) => ({ match, why: escaped(why, roles) || lines.join(', ') })));
    if (matches.length > 0 || !part[0]) continue;
    prose.push(escaped(why, roles));
    const message =
      'The warning names no command: nothing recognises it, and it became a part of the impact.';
    notes.push(problemAt(outline.place(part[0]), 'not-observable', message));
  }
  return { harmful, prose };
}

/** A line with a command as a step; undefined: it only sets a variable, which is a role now. */
function stepOf(line: string, place: SourcePlace, reading: Reading): FoundStep | undefined {
  const { roles, notes } = reading;
  if (assignment.test(line) && kubectlCommands(line).length === 0) {
    const message = `\`${line}\` sets a variable: it became a role or stays open where it is used.`;
    notes.push(problemAt(place, 'variable-left-out', message));
    return undefined;
  }
  const [wrong] = lintCommands([line], () => [], {});
  if (wrong) {
    notes.push(problemAt(place, wrong.code, wrong.message, { todo: wrong.todo }));
    return { draft: { say: escaped(quoted(line), roles), kind: 'manual' }, writes: false };
  }
  const run = withRoles(line, roles);
  const match = matchOfLine(run, roles);
  const isWrite = match?.kube?.verb?.some((verb) => /^(create|update|patch|delete)$/.test(verb)) ?? false;
  const writes = isWrite || kubectlCommands(run).some(({ command }) => /^(apply|replace)$/.test(command));
  if (match) return { draft: { run, match }, writes };
  const message = `Nothing recognises \`${line.split('\n')[0]}\`: the recorder sees no request that is its own.`;
  const todo = 'The step is manual: note it in a game, or write a match for what it changes.';
  notes.push(problemAt(place, 'not-observable', message, { todo }));
  return { draft: { run, kind: 'manual' }, writes };
}

/** kubectl and oc by their requests; a dashboard and what is declared by our own commands. */
function matchOfLine(line: string, roles: Playbook['roles']): Match | undefined {
  const [program, command, name] = shellWords(line);
  if (program !== 'misfortune') return matchOf(line, roles);
  if (command === 'dash' && name !== undefined) return { dashboard: [name] };
  const declared = (['ack', 'note', 'diagnose', 'resolve'] as const).find((one) => one === command);
  return declared && { declared: [declared] };
}

/** Code as a part of a sentence, or as lines of their own. */
function quoted(value: string): string {
  return value.includes('\n') ? `\n\`\`\`\n${value}\n\`\`\`\n` : `\`${value}\``;
}

function notCommands(block: Block & { type: 'code' }, { outline, notes }: Reading): void {
  const what = block.lang ? `The block of ${block.lang}` : 'The block of code';
  const message = `${what} holds no command that is known: it became a part of what the step says.`;
  notes.push(problemAt(outline.place(block), 'not-a-command', message));
}

function outputNote(
  output: readonly number[],
  first: number,
  { outline, notes }: Reading,
  block: Block,
): void {
  if (output.length === 0) return;
  const place = outline.place(block, first + output[0]!);
  const what = output.length === 1 ? 'This line is' : `${output.length} lines are`;
  notes.push(problemAt(place, 'output-left-out', `${what} not a command: taken for output and left out.`));
}

/** The text of a block on one line; '' for what is no text. */
function proseOf(block: Block, { outline, notes }: Reading): string {
  if (block.type === 'thematicBreak') return '';
  if (block.type === 'html') {
    const isComment = block.value.trim().startsWith('<!--');
    const text = isComment
      ? ''
      : block.value
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim();
    const what = isComment ? 'A comment is' : 'HTML is';
    notes.push(problemAt(outline.place(block), 'html', `${what} not read${text ? ', only its text' : ''}.`));
    return text;
  }
  if (block.type === 'list') {
    const items = block.children.map((item) =>
      (item.children as Block[]).map((one) => proseOf(one, { outline, notes, roles: {} })).join(' '),
    );
    return items.join('; ');
  }
  return outline.textOf(block);
}

function holdsCommand(node: Block): boolean {
  if (node.type === 'code') return codeLines(node.value, node.lang) !== undefined;
  if (node.type === 'inlineCode') return isCommand(node.value);
  return 'children' in node && (node.children as Block[]).some(holdsCommand);
}

function inlineCommands(block: Block, outline: Outline): { value: string; place: SourcePlace }[] {
  if (block.type === 'inlineCode' && isCommand(block.value))
    return [{ value: block.value.replace(/^\$\s+/, ''), place: outline.place(block) }];
  return 'children' in block
    ? (block.children as Block[]).flatMap((one) => inlineCommands(one, outline))
    : [];
}

/** `kubectl` alone names the program. */
function isCommand(text: string): boolean {
  return /^(\$\s+)?(kubectl|oc)\s+\S/.test(text);
}
