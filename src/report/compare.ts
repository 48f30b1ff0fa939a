import { unknownStatuses } from '../grade/dashboards/panels.ts';
import type { Subject } from '../grade/finding.ts';
import type { Scorecard } from '../grade/scorecard.ts';
import { markdown } from '../words/escape.ts';
import { markdownTable } from '../words/markdown-table.ts';
import { percent } from '../words/number.ts';
import { duration, utc } from '../words/time.ts';
import { detected } from './texts/alert-texts.ts';

/** Games of one scenario beside each other, oldest first: what became better of what they tested. Plain data. */
export interface Comparison {
  version: 1;
  scenario: string;
  title: string;
  games: { id: string; injectedAt: number; cluster: string; speed: number }[];
  rows: ComparisonRow[];
}

export interface ComparisonRow {
  subject: Subject;
  what: string;
  /** One a game, as a person reads it. */
  values: string[];
  /**
   * From the first game to the last. unclear: one of them was not observed, or they differ by less than is known. Undefined
   * for what people did: their times are told, and not judged.
   */
  change?: 'better' | 'worse' | 'same' | 'unclear';
}

/** @param cards of one scenario, at least two */
export function compareGames(cards: readonly Scorecard[]): Comparison {
  const sorted = [...cards].sort((a, b) => a.game.injectedAt - b.game.injectedAt);
  const { scenario, title } = sorted[0]!.game;
  return {
    version: 1,
    scenario,
    title,
    games: sorted.map(({ game: { id, injectedAt, cluster, speed } }) => ({ id, injectedAt, cluster, speed })),
    rows: [
      ...gradeRow(sorted, 'alerts'),
      ...alertRows(sorted),
      ...gradeRow(sorted, 'dashboards'),
      ...panelRows(sorted),
      ...playbookRows(sorted),
      ...timeRows(sorted),
    ],
  };
}

function gradeRow(cards: readonly Scorecard[], subject: 'alerts' | 'dashboards'): ComparisonRow[] {
  const grades = cards.map((card) => card[subject]);
  const change = changeOf(grades.map(({ letter, score }) => (letter === '—' ? undefined : score)));
  return [{ subject, what: 'grade', values: grades.map(({ letter }) => letter), change }];
}

function alertRows(cards: readonly Scorecard[]): ComparisonRow[] {
  const names = namesOf(cards, ({ alerts }) => alerts.expected.map(({ name }) => name));
  return names.map((name): ComparisonRow => {
    const found = cards.map(({ alerts, game }) => {
      const one = alerts.expected.find((each) => each.name === name);
      return { one, speed: game.speed };
    });
    const isSeen = found.map(
      ({ one }) => one && one.verdict !== 'not_observed' && one.verdict !== 'on_before',
    );
    const [first, last] = [found[0]!, found.at(-1)!];
    const margin = ((first.one?.plusMinusMs ?? 0) + (last.one?.plusMinusMs ?? 0)) / 2;
    // Durations of documents were divided by the speed, the way of a notification was not.
    const isAlike = found.every(({ speed }) => speed === first.speed);
    return {
      subject: 'alerts',
      what: `${name}: from the first symptom to firing`,
      values: found.map(({ one }) => (one ? detected(one) : '—')),
      change: isAlike
        ? changeOf(
            found.map(({ one }, at) =>
              isSeen[at] ? -(one!.detectionMs ?? Number.POSITIVE_INFINITY) : undefined,
            ),
            margin,
          )
        : 'unclear',
    };
  });
}

function panelRows(cards: readonly Scorecard[]): ComparisonRow[] {
  const panelsOf = ({ dashboards }: Scorecard) =>
    dashboards.expected.map((one) => ({ ...one, name: `${one.dashboard}/${one.panel}` }));
  return namesOf(cards, (card) => panelsOf(card).map(({ name }) => name)).map((name): ComparisonRow => {
    const verdicts = cards.map((card) => panelsOf(card).find((one) => one.name === name)?.verdict);
    const isSeen = (verdict: (typeof verdicts)[number]) =>
      verdict !== undefined && (verdict === 'missing' || !unknownStatuses.includes(verdict));
    return {
      subject: 'dashboards',
      what: `${name}: during the failure`,
      values: verdicts.map((verdict) => verdict ?? '—'),
      change: changeOf(
        verdicts.map((verdict) => (isSeen(verdict) ? Number(verdict === 'moved') : undefined)),
      ),
    };
  });
}

function playbookRows(cards: readonly Scorecard[]): ComparisonRow[] {
  const playbooks = cards.map(({ playbook }) => playbook);
  const skipped = playbooks.map(({ steps }) =>
    steps.filter(({ status, optional }) => status === 'missing' && !optional).map(({ id }) => id),
  );
  return [
    {
      subject: 'playbook',
      what: 'followed',
      values: playbooks.map(({ score }) => percent(score)),
      change: changeOf(
        playbooks.map(({ score }) => score),
        0.005,
      ),
    },
    {
      subject: 'playbook',
      what: 'steps that were skipped',
      values: skipped.map((ids) => ids.join(', ') || 'none'),
    },
    { subject: 'playbook', what: 'hints', values: playbooks.map(({ hints }) => `${hints.length}`) },
  ];
}

function timeRows(cards: readonly Scorecard[]): ComparisonRow[] {
  const times = cards.map(({ response }) => response.times);
  return times[0]!.flatMap(({ name, title }): ComparisonRow[] => {
    if (name === 'injected') return [];
    const at = times.map((all) => all.find((one) => one.name === name)?.at);
    if (at.every((one) => one === undefined)) return [];
    return [
      {
        subject: 'response',
        what: title,
        values: at.map((one) => (one === undefined ? '—' : duration(one))),
      },
    ];
  });
}

/** From the first to the last, where more is better; undefined where it was not observed. */
function changeOf(values: readonly (number | undefined)[], margin = 0): ComparisonRow['change'] {
  const [first, last] = [values[0], values.at(-1)];
  if (first === undefined || last === undefined) return 'unclear';
  if (first === last) return 'same';
  if (Math.abs(last - first) <= margin) return margin === 0 ? 'same' : 'unclear';
  return last > first ? 'better' : 'worse';
}

/** In the order in which they come up. */
function namesOf(cards: readonly Scorecard[], names: (card: Scorecard) => string[]): string[] {
  return [...new Set(cards.flatMap(names))];
}

/** Head and rows of it as text. */
export function comparisonTable({ games, rows }: Comparison): string[][] {
  return [
    ['', ...games.map(({ injectedAt }) => utc(injectedAt).slice(0, 10)), 'SINCE THE FIRST'],
    ...rows.map(({ subject, what, values, change }) => [`${subject}: ${what}`, ...values, change ?? '']),
  ];
}

/** For a wiki or a pull request. */
export function comparisonMarkdown(comparison: Comparison): string {
  const [head = [], ...rows] = comparisonTable(comparison).map((row) => row.map(markdown));
  const { title, scenario, games } = comparison;
  return [
    `# ${markdown(title)} (${markdown(scenario)}): ${games.length} games`,
    '',
    markdownTable(head, rows),
    '',
    `Games: ${games.map(({ id }) => markdown(id)).join(', ')}. Times of people are shown, and not judged.`,
    '',
  ].join('\n');
}
