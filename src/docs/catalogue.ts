import { corednsRef } from '../cluster/coredns.ts';
import { formatRef } from '../cluster/ref.ts';
import { claimedRefs, faultTypes } from '../fault/types/registry.ts';
import type { Scenario } from '../scenario/schema.ts';
import { formatDuration } from '../words/duration.ts';
import { code, markdown } from '../words/escape.ts';

/** How to make docs/catalogue.md again, for its first lines and for the test that finds it stale. */
export const regenerate = 'npx vitest run test/docs/catalogue.test.ts -u';

/**
 * docs/catalogue.md: what can be played, made from the scenarios themselves. What a responder may read comes first;
 * names, causes and fixes come under a heading that says so.
 */
export function cataloguePage(scenarios: readonly Scenario[]): string {
  const byTitle = [...scenarios].sort((a, b) => a.difficulty - b.difficulty || compare(a.title, b.title));
  const byName = [...scenarios].sort((a, b) => compare(a.name, b.name));
  return `# The scenarios

<!-- Generated from scenarios/*.yaml; \`${regenerate}\` writes it anew. -->

${scenarios.length} scenarios are there. The first table is for everybody: titles are symptoms. What is below it is for game masters
and authors, since it tells what is broken and what helps.

| title | difficulty | owner | tags | can be played on |
| --- | --- | --- | --- | --- |
${byTitle.map(row).join('\n')}

## For the game master: what is broken in each

**Spoilers.** Who will respond in a game should not read on.

${byName.map(section).join('\n\n')}
`;
}

/** The paragraph of a debrief that says what to change; undefined if it has none. */
export function lessonOf({ debrief }: Pick<Scenario, 'debrief'>): string | undefined {
  const found = debrief.split(/\n\s*\n/).find((paragraph) => /^\s*To take away:/.test(paragraph));
  return found && oneLine(found.replace(/^\s*To take away:/, ''));
}

function row(scenario: Scenario): string {
  const { title, difficulty, owner, tags } = scenario;
  const cells = [
    markdown(title),
    '●'.repeat(difficulty),
    markdown(owner),
    tags.join(', '),
    playedOn(scenario),
  ];
  return `| ${cells.join(' | ')} |`;
}

function section(scenario: Scenario): string {
  const { name, title, faults, decoys, alerts, playbook, fixes } = scenario;
  const lesson = lessonOf(scenario);
  const lines = [
    ...(lesson ? [`**Teaches**: ${markdown(lesson)}`] : []),
    `**Breaks**: ${faults.map(broken).join('; ')}`,
    ...(decoys.length > 0
      ? [`**Decoys**: ${decoys.map(({ why }) => markdown(oneLine(why))).join(' ')}`]
      : []),
    `**Alerts**: ${alerts.expected.map(alert).join(', ') || 'none is expected'}`,
    `**Fixes**: ${fixes.map(({ name }) => markdown(name)).join('; ')}`,
    `**Playbook**: [${playbook.name}](../playbooks/${playbook.name}.yaml)`,
  ];
  return `### ${name}

${markdown(title)}

${lines.map((line) => `* ${line}`).join('\n')}`;
}

function broken({ type, spec }: Scenario['faults'][number]): string {
  return `[${type}](faults/${type}.md), ${markdown(oneLine(faultTypes[type]?.describe(spec) ?? ''))}`;
}

function alert({ name, within, receiver }: Scenario['alerts']['expected'][number]): string {
  const deadline = within === undefined ? '' : ` within ${formatDuration(within)}`;
  return `${code(name)}${deadline}${receiver === undefined ? '' : ` to ${markdown(receiver)}`}`;
}

/** Changing the DNS of a whole cluster is refused on every cluster but the sandbox. */
function playedOn({ faults, decoys }: Scenario): string {
  const isForAll = [...faults, ...decoys].some((step) => claimedRefs(step).includes(formatRef(corednsRef)));
  return isForAll ? 'the sandbox only' : 'the sandbox, a cluster with the shop';
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
