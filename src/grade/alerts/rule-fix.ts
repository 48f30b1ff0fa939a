import { unifiedDiff } from '../../words/unified-diff.ts';
import type { Fix } from '../finding.ts';
import type { GradeInput } from '../input.ts';
import { editRule, type RuleEdit } from './rule-file.ts';

/**
 * A change of a rule: as a unified diff of the file that has it, where that is known and still says what the rule said in
 * the game; else as a sketch of the rule.
 */
export function ruleFix(
  kind: Fix['kind'],
  rule: string,
  edits: readonly [RuleEdit, ...RuleEdit[]],
  { ruleFiles = [] }: Pick<GradeInput, 'ruleFiles'>,
): Fix {
  const edited = editRule(ruleFiles, rule, edits);
  const [{ from, to }] = edits;
  return {
    kind,
    of: rule,
    ...(from !== undefined && { from }),
    to,
    language: 'diff',
    ...(edited
      ? { text: unifiedDiff(edited.file.path, edited.file.text, edited.text), file: edited.file.path }
      : { text: sketch(rule, edits) }),
  };
}

/** The lines that change, under the rule's name; its own file may have them formatted otherwise. */
function sketch(rule: string, edits: readonly RuleEdit[]): string {
  const blocks = new Set(edits.flatMap(({ path: [key, inner] }) => (inner === undefined ? [] : [key])));
  const lines = ({ path, from, to }: RuleEdit): string[] => {
    const indent = path.length === 1 ? '  ' : '    ';
    const key = `${indent}${path.at(-1)}: `;
    return [...(from === undefined ? [] : [`-${key}${from}`]), `+${key}${to}`];
  };
  return [
    ` - alert: ${rule}`,
    ...edits.filter(({ path }) => path.length === 1).flatMap(lines),
    ...[...blocks].flatMap((block) => [
      `   ${block}:`,
      ...edits.filter(({ path }) => path.length === 2 && path[0] === block).flatMap(lines),
    ]),
  ].join('\n');
}
