import { markdown, xml } from '../words/escape.ts';
import { number } from '../words/number.ts';
import { duration } from '../words/time.ts';
import type { CheckRow, Verdict } from './compare.ts';
import type { LeftOut } from './game.ts';
import type { AlertOutcome } from './outcome.ts';
import type { PartRow } from './parts.ts';

/** Everything that a check says. */
export interface CheckReport {
  readonly games: number;
  readonly rows: readonly CheckRow[];
  /** Playbooks and their steps. */
  readonly parts?: readonly PartRow[];
  readonly leftOut: readonly LeftOut[];
}

const heading = ['GAME', 'SCENARIO', 'WHAT', 'BEFORE', 'AFTER', 'VERDICT'];

/** When it fires: "fires after 32 s", "pending for 12 s", "does not fire", "no rule", "not known". */
export function detectionText(outcome: AlertOutcome | undefined): string {
  if (!outcome) return 'no rule';
  if (outcome.firedAfterMs !== undefined) return `fires after ${duration(outcome.firedAfterMs)}`;
  if (outcome.unknown !== undefined) return 'not known';
  if (outcome.firedBefore) return 'was firing before';
  return outcome.pendingMs === undefined ? 'does not fire' : `pending for ${duration(outcome.pendingMs)}`;
}

/** "no false alarm in 6 m", "2 false alarms in 6 m", "no quiet time". */
export function alarmsText(outcome: AlertOutcome): string {
  const { falseAlarms, quietMs } = outcome;
  if (quietMs === 0) return 'no quiet time';
  const count =
    falseAlarms === 0
      ? 'no false alarm'
      : falseAlarms === 1
        ? '1 false alarm'
        : `${falseAlarms} false alarms`;
  return `${count} in ${duration(quietMs)}`;
}

/** The rows under their heading; `all`: those that did not change as well. */
export function checkRows(report: CheckReport, all: boolean): string[][] {
  const shown = linesOf(report).filter(({ verdict }) => all || verdict !== 'unchanged');
  return shown.length === 0 ? [] : [heading, ...shown.map(cellsOf)];
}

/** What it comes to, and what was left out: lines below the table. */
export function checkSummary(report: CheckReport): string[] {
  const { games, leftOut } = report;
  const rows = linesOf(report);
  const count = (verdict: Verdict) => rows.filter((row) => row.verdict === verdict).length;
  const counts = (['worse', 'better', 'unchanged', 'no data'] as const).map(
    (verdict) => `${count(verdict)} ${verdict}`,
  );
  return [
    `${games} ${games === 1 ? 'game' : 'games'}: ${counts.join(', ')}.`,
    ...rows
      .filter(({ verdict }) => verdict === 'worse' || verdict === 'no data')
      .map(({ game, what, verdict, why }) => `${verdict}: ${what} in ${game}. ${why}`),
    ...newAlerts(report),
    ...leftOut.map(({ id, why }) => `${id} was left out: ${why}`),
  ];
}

/** A comment for a pull request. */
export function checkMarkdown(report: CheckReport): string {
  const { leftOut } = report;
  const rows = linesOf(report);
  const line = (cells: readonly string[]) => `| ${cells.map(markdown).join(' | ')} |`;
  const changed = checkRows(report, false);
  const [summary = ''] = checkSummary(report);
  const worse = rows.some(({ verdict }) => verdict === 'worse');
  return [
    `### ${subject(report)} over recorded games: ${worse ? 'something got worse' : 'nothing got worse'}`,
    '',
    summary,
    '',
    ...(changed.length === 0
      ? []
      : [
          line(changed[0]!),
          line(heading.map(() => '---')).replaceAll('\\', ''),
          ...changed.slice(1).map(line),
          '',
          ...rows
            .filter(({ verdict }) => verdict !== 'unchanged')
            .map(({ game, what, why }) => `* ${markdown(`${what} in ${game}: ${why}`)}`),
          ...newAlerts(report).map((text) => `* ${markdown(text)}`),
          '',
        ]),
    ...leftOut.map(({ id, why }) => `* ${markdown(`${id} was left out: ${why}`)}`),
    '',
  ].join('\n');
}

/** JUnit's XML: a suite a game; what got worse failed, what nobody can say was skipped. */
export function checkJunit(report: CheckReport): string {
  const { leftOut } = report;
  const rows = linesOf(report);
  const games = [...new Set(rows.map(({ game }) => game))];
  const counts = (some: readonly Line[], skipped: number) => {
    const count = (verdict: Verdict) => some.filter((row) => row.verdict === verdict).length;
    return `tests="${some.length + skipped}" failures="${count('worse')}" errors="0" skipped="${count('no data') + skipped}"`;
  };
  const suites = games.map((game) => {
    const own = rows.filter((row) => row.game === game);
    const cases = own.map((row) => {
      const name = `    <testcase classname="${xml(row.scenario)}" name="${xml(row.what)}"`;
      const detail = xml(`${row.why} Before: ${row.before}. After: ${row.after}.`);
      if (row.verdict === 'worse') return `${name}>\n      <failure message="${detail}"/>\n    </testcase>\n`;
      if (row.verdict === 'no data')
        return `${name}>\n      <skipped message="${detail}"/>\n    </testcase>\n`;
      return `${name}/>\n`;
    });
    return `  <testsuite name="${xml(game)}" ${counts(own, 0)}>\n${cases.join('')}  </testsuite>\n`;
  });
  const left = leftOut.map(
    ({ id, why }) =>
      `  <testsuite name="${xml(id)}" tests="1" failures="0" errors="0" skipped="1">\n    <testcase classname="${xml(id)}" name="samples"><skipped message="${xml(why)}"/></testcase>\n  </testsuite>\n`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="misfortune check" ${counts(rows, leftOut.length)}>\n${[...suites, ...left].join('')}</testsuites>\n`;
}

/** Hours of the rules' time at speed 1 and false alarms of them: "0.4 an hour"; "—" without quiet time. */
export function rateText(perHour: number | undefined): string {
  return perHour === undefined ? '—' : `${number(perHour)} an hour`;
}

/** A row of the table, whatever it is about. */
type Line = Omit<PartRow, 'part'>;

function linesOf({ rows, parts = [] }: CheckReport): Line[] {
  return [
    ...rows.map(({ alert, before, after, ...row }) => {
      return { ...row, what: alert, before: outcomeText(before), after: outcomeText(after) };
    }),
    ...parts.map((row) => ({ ...row, what: `${row.part} ${row.what}` })),
  ];
}

/** Alerts that are new and tell of faults alone: how many games they are in. */
function newAlerts({ games, rows }: CheckReport): string[] {
  const found = rows.filter(({ before, expected, verdict }) => !before && !expected && verdict === 'better');
  return [...new Set(found.map(({ alert }) => alert))]
    .filter((name) => !rows.some(({ alert, verdict }) => alert === name && verdict === 'worse'))
    .map((name) => {
      const count = found.filter(({ alert }) => alert === name).length;
      return `new alert ${name}: fires in ${count} of ${games} ${games === 1 ? 'game' : 'games'}, never in quiet time.`;
    });
}

function subject({ rows, parts = [] }: CheckReport): string {
  if (parts.length === 0) return 'Alert rules';
  return rows.length === 0 ? 'Playbooks' : 'Alert rules and playbooks';
}

function cellsOf({ game, scenario, what, before, after, verdict }: Line): string[] {
  return [game, scenario, what, before, after, verdict];
}

function outcomeText(outcome: AlertOutcome | undefined): string {
  return outcome ? `${detectionText(outcome)}, ${alarmsText(outcome)}` : 'no rule';
}
