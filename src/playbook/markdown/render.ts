import { isDeepStrictEqual } from 'node:util';
import { stringify } from 'yaml';
import { formatDuration } from '../../words/duration.ts';
import type { Playbook, Step } from '../schema.ts';
import { purposeOf } from './headings.ts';
import { phaseOf } from './import.ts';
import { anchorOf, outlineOf } from './outline.ts';
import { markedStep, type StepDraft } from './read-steps.ts';
import { attributesLine, extrasComment, oneOfThese, type StepExtras } from './step-text.ts';

/**
 * A playbook as a page of Markdown: Meaning, Impact, then its steps in their order under Diagnosis and Mitigation, each with a
 * heading whose anchor is its id. What Markdown cannot show (matchers that are more than the command) stands in a comment of
 * the step, so that `importRunbook` gives the same playbook.
 */
export function renderPlaybook(playbook: Playbook): string {
  const { name, title, answers, roles, meaning, impact, steps, harmful } = playbook;
  const head = {
    ...{ title, name },
    ...(answers.length > 0 && { answers }),
    ...(Object.keys(roles).length > 0 && { roles }),
  };
  const titles = new Map(steps.map(({ id }) => [id, titleOf(id)]));
  let section = '';
  const parts = steps.flatMap((step) => {
    const heading = step.phase === 'communicate' ? section || 'Diagnosis' : sectionOf[step.phase];
    const isNew = heading !== section;
    section = heading;
    return [...(isNew ? [`## ${heading}`] : []), stepText(step, heading, titles, roles)];
  });
  const harm = harmful.map(({ match, why }) => `- ${why}\n\n  ${extrasComment({ match })}`);
  return `${[
    `---\n${stringify(head, { lineWidth: 0 })}---`,
    `# ${title}`,
    `## Meaning\n\n${meaning ?? title}`,
    ...(impact ? [`## Impact\n\n${impact}`] : []),
    ...parts,
    ...(harm.length > 0 ? ['## Do not', ...harm] : []),
  ].join('\n\n')}\n`;
}

const sectionOf = {
  triage: 'Diagnosis',
  diagnose: 'Diagnosis',
  mitigate: 'Mitigation',
  verify: 'Mitigation',
};

/** look-at-the-source → Look at the source; an id that would not come back from it stays as it is. */
function titleOf(id: string): string {
  const words = id.replaceAll('-', ' ');
  const title = `${words[0]!.toUpperCase()}${words.slice(1)}`;
  return anchorOf(title) === id ? title : id;
}

function stepText(
  step: Step,
  section: string,
  titles: ReadonlyMap<string, string>,
  roles: Playbook['roles'],
): string {
  const { anyOf = [], ...wanted } = documentOf(step);
  const text = (extras: StepExtras, ofBranches: readonly StepExtras[]): string =>
    [
      `### ${titles.get(step.id)}`,
      ...[attributesLine(wanted, titles) ?? []].flat(),
      ...doingText(wanted),
      ...(anyOf.length > 0
        ? [oneOfThese, ...anyOf.map((one, index) => branchText(one, ofBranches[index] ?? {}))]
        : []),
      extrasComment(extras),
    ].join('\n\n');
  // What is read back of the text without comments shows what has to stand in them.
  const { anyOf: branches = [], ...read } = readBack(`## ${section}\n\n${text({}, [])}`, roles);
  const isList = branches.length === anyOf.length;
  return text(
    { ...lacking(wanted, read), ...(!isList && { anyOf: anyOf.length > 0 ? anyOf : null }) },
    isList ? anyOf.map((one, index) => lacking(one, branches[index] ?? {})) : [],
  );
}

/** As the importer reads the step of a section. */
function readBack(text: string, roles: Playbook['roles']): StepDraft {
  const outline = outlineOf('', text);
  const section = outline.sections.at(-1)!;
  const draft = markedStep(section, { outline, roles, notes: [] }) ?? {};
  return { phase: phaseOf(purposeOf(section.path)?.purpose, false), ...draft };
}

/** The keys that reading would not give, or would give otherwise; null for what it gives too much. */
function lacking(wanted: StepDraft, read: StepDraft): StepExtras {
  const keys = [...new Set([...Object.keys(wanted), ...Object.keys(read)])];
  return Object.fromEntries(
    keys.flatMap((key) => (isDeepStrictEqual(wanted[key], read[key]) ? [] : [[key, wanted[key] ?? null]])),
  );
}

function doingText({ say, run }: StepDraft): string[] {
  return [
    ...(say === undefined ? [] : [say.trim()]),
    ...(run === undefined ? [] : [['```sh', ...[run].flat(), '```'].join('\n')]),
  ];
}

function branchText(branch: StepDraft, extras: StepExtras): string {
  const { id, say, run } = branch;
  const lines = [
    `**${id}**${say === undefined ? '' : `: ${say.trim()}`}`,
    ...doingText({ run }),
    ...(Object.keys(extras).length > 0 ? [extrasComment(extras)] : []),
  ];
  return `- ${lines
    .join('\n\n')
    .replaceAll('\n', '\n  ')
    .replaceAll(/\n {2}(?=\n)/g, '\n')}`;
}

/** The keys of a step as its document has them, defaults left out. */
function documentOf({ after, kind, within, optional, weight, anyOf, ...rest }: Step): StepDraft {
  const all: Record<string, unknown> = {
    ...rest,
    ...(after.length > 0 && { after }),
    ...(kind === 'manual' && { kind }),
    ...(within !== undefined && { within: formatDuration(within) }),
    ...(optional && { optional }),
    ...(weight !== 1 && { weight }),
    ...(anyOf && { anyOf }),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
