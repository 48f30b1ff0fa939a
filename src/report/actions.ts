import type { Evidence, Finding, Fix } from '../grade/finding.ts';
import type { Scorecard, Unplayed } from '../grade/scorecard.ts';
import { proseMarkdown } from '../words/escape.ts';
import { clock } from '../words/time.ts';
import { costText } from './story.ts';

export const actionForms = ['md', 'csv', 'json'] as const;
export type ActionForm = (typeof actionForms)[number];

/** One thing to do: a finding, with boxes for what only people can say. */
export interface ActionItem {
  what: string;
  /** What was seen, a line each. */
  why: string[];
  fix?: Fix;
  /** The team that owns what failed; '' where nobody is named. */
  owner: string;
  /** To be filled in. */
  due: '';
}

/** An item for each finding that is not to be kept, in their order; none of a game that was not played. */
export function actionItems(card: Scorecard | Unplayed): ActionItem[] {
  if (!card.played) return [];
  return card.findings
    .filter(({ kind }) => kind !== 'good')
    .map((finding) => ({
      what: finding.text,
      why: whyOf(finding),
      ...(finding.fix && { fix: finding.fix }),
      owner: card.game.owner,
      due: '',
    }));
}

/** The items of a game for a wiki or a tracker, for a table, or for other programs. */
export function actionsText(card: Scorecard | Unplayed, form: ActionForm): string {
  const items = actionItems(card);
  if (form === 'csv') return actionsCsv(items);
  if (form === 'md') return `${actionsMarkdown(items)}\n`;
  return `${JSON.stringify({ version: 1, game: card.game.id, items }, undefined, 1)}\n`;
}

/** A list with boxes to tick. */
export function actionsMarkdown(items: readonly ActionItem[]): string {
  if (items.length === 0) return 'This game showed nothing to change.';
  return items.map(itemMarkdown).join('\n');
}

function itemMarkdown({ what, why, fix, owner }: ActionItem): string {
  const below = [
    ...why.map((line) => `  * ${proseMarkdown(line)}`),
    `  * owner: ${proseMarkdown(owner) || '…………'}, due: …………`,
    ...(fix
      ? ['', `  \`\`\`${fix.language}`, ...fix.text.split('\n').map((line) => `  ${line}`), '  ```', '']
      : []),
  ];
  return [`* [ ] ${proseMarkdown(what)}`, ...below].join('\n');
}

/** RFC 4180: quoted, lines end with CR LF. What a spreadsheet would take as a formula begins with an apostrophe. */
function actionsCsv(items: readonly ActionItem[]): string {
  const rows = items.map(({ what, why, fix, owner, due }) => [
    what,
    why.join('\n'),
    fix?.text ?? '',
    owner,
    due,
  ]);
  return [['what', 'why', 'fix', 'owner', 'due'], ...rows]
    .map((row) => `${row.map(csvCell).join(',')}\r\n`)
    .join('');
}

function csvCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
}

function whyOf({ cost, evidence }: Finding): string[] {
  const price = cost && cost.impactMs > 0 ? [`${costText(cost)} in the time that this is about`] : [];
  return [...price, ...evidence.filter(({ text }) => text !== '').map(seen)];
}

function seen({ at, text, who }: Evidence): string {
  return `${at === undefined ? '' : `${clock(at)} `}${text}${who === undefined ? '' : ` (${who})`}`;
}
