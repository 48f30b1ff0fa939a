import type { OpenedPlaybook } from '../game/open-playbook.ts';
import { clean } from '../words/clean.ts';
import { wrap } from '../words/width.ts';
import type { DashLine } from './dash/lines.ts';

/** A playbook in a game: the alert with its words, then the steps. `width` in columns. */
export function playbookLines({ title, alerts, steps }: OpenedPlaybook, width: number): DashLine[] {
  const wrapped = (text: string, indent: number): string[] =>
    wrap(clean(text.trim().replace(/\s+/g, ' ')), width - indent).map((line) => ' '.repeat(indent) + line);
  const doing = (say: string | undefined, run: readonly string[], indent: number): DashLine[] => [
    ...(say ? wrapped(say, indent).map((text) => ({ text })) : []),
    ...run.map((line): DashLine => ({ text: `${' '.repeat(indent)}$ ${clean(line)}`, tone: 'accent' })),
  ];
  return [
    ...alerts.flatMap(({ name, summary, description }): DashLine[] => [
      { text: clean(name), tone: 'bad' },
      ...[summary, description].flatMap((text) =>
        text ? wrapped(text, 2).map((line) => ({ text: line })) : [],
      ),
    ]),
    { text: '' },
    { text: clean(title), tone: 'accent' },
    ...steps.flatMap(({ id, phase, optional, say, run, anyOf }, index): DashLine[] => [
      { text: '' },
      { text: `${index + 1}. ${id} (${phase}${optional ? ', optional' : ''})` },
      ...doing(say, run, 3),
      ...(anyOf.length > 0 ? [{ text: '   one of:' }] : []),
      ...anyOf.flatMap((branch) => [{ text: `   - ${branch.id}` }, ...doing(branch.say, branch.run, 6)]),
    ]),
  ];
}
