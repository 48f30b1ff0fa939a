import { markdown } from '../../../words/escape.ts';
import type { CaseResult, FiredAlert, ValidationReport } from '../result.ts';

/**
 * Two tables: a row a scenario with what was proven of it, and the alerts that fired in its games. One that the scenario neither
 * expects nor accepts is a false alarm, or missing in the scenario; those of wrong fixes are there, too.
 */
export function markdownReport(report: ValidationReport): string {
  const names = [...new Set(report.results.map(({ scenario }) => scenario))];
  const of = (name: string) => report.results.filter(({ scenario }) => scenario === name);
  return [
    '| scenario | passed | failed | skipped | not run | single looks that tell all | time |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...names.map((name) => row([name, ...countsOf(of(name))])),
    '',
    '| scenario | expected alerts that fired | accepted ones that fired | others that fired |',
    '| --- | --- | --- | --- |',
    ...names.map((name) => row([name, ...alertsOf(of(name))])),
    '',
  ].join('\n');
}

function countsOf(results: readonly CaseResult[]): string[] {
  const count = (outcome: CaseResult['outcome']) =>
    String(results.filter((one) => one.outcome === outcome).length);
  const later = results.filter(({ tries }) => tries !== undefined).length;
  const seconds = results.reduce((sum, one) => sum + one.seconds, 0);
  const telling = results.find(({ giveaways }) => giveaways !== undefined)?.giveaways;
  return [
    ...[
      later > 0 ? `${count('passed')} (${later} at a later try)` : count('passed'),
      count('failed'),
      count('skipped'),
      count('not-run'),
    ],
    telling === undefined ? '–' : String(telling),
    `${Math.round(seconds)} s`,
  ];
}

function alertsOf(results: readonly CaseResult[]): string[] {
  const fired = results.flatMap(({ alerts = [] }) => alerts);
  const names = (is: FiredAlert['is']) => [
    ...new Set(fired.filter((alert) => alert.is === is).map(({ name }) => name)),
  ];
  return [names('expected'), names('acceptable'), names('unexpected')].map((list) => list.join(', ') || '–');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map(markdown).join(' | ')} |`;
}
