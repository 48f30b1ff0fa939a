import { xml } from '../../../words/escape.ts';
import type { CaseResult, ValidationReport } from '../result.ts';

const marks: Record<CaseResult['outcome'], string> = {
  passed: 'ok',
  failed: 'FAILED',
  skipped: 'skipped',
  'not-run': 'not run',
};

/** Rows for a table with its heading; problems follow their case in rows of their own. */
export function validationRows(report: ValidationReport): string[][] {
  const rows = report.results.map((result) => [
    result.tries === undefined ? marks[result.outcome] : `ok, try ${result.tries}`,
    result.scenario,
    result.kind,
    result.name,
    `${result.seconds.toFixed(1)} s`,
  ]);
  return [['', 'SCENARIO', 'CASE', 'NAME', 'TIME'], ...rows];
}

/** How it went, in one line. */
export function summaryLine(report: ValidationReport): string {
  const { results, seconds, speed, interrupted, unrestored, earlier = 0 } = report;
  const count = (outcome: CaseResult['outcome']) => results.filter((one) => one.outcome === outcome).length;
  const notRun = count('not-run');
  const later = results.filter(({ tries }) => tries !== undefined).length;
  const passed = `${count('passed')} passed${later > 0 ? ` (${later} at a later try)` : ''}`;
  const counts = `${passed}, ${count('failed')} failed, ${count('skipped')} skipped${notRun > 0 ? `, ${notRun} not run` : ''}`;
  return [
    `${results.length} ${results.length === 1 ? 'case' : 'cases'}: ${counts}, in ${seconds} s at speed ${speed}.`,
    ...(earlier > 0 ? [`${earlier} had passed in an earlier run.`] : []),
    ...(interrupted ? ['Interrupted.'] : []),
    ...(unrestored === undefined
      ? []
      : [`Something is left in the cluster: misfortune recover ${unrestored}`]),
  ].join(' ');
}

/** What is wrong, and where to look: lines below the table. */
export function validationProblems(report: ValidationReport): string[] {
  return report.results
    .filter(({ outcome }) => outcome !== 'passed')
    .flatMap(({ scenario, kind, name, outcome, problems, folder }) => [
      `${marks[outcome]} ${scenario} · ${kind} · ${name}`,
      ...problems.map((problem) => `  ${problem}`),
      ...(folder && outcome === 'failed' ? [`  see ${folder}`] : []),
    ]);
}

/** JUnit's XML, as CI systems read it: a suite a scenario. */
export function junitXml(report: ValidationReport): string {
  const names = [...new Set(report.results.map(({ scenario }) => scenario))];
  const suites = names.map((name) =>
    suiteXml(
      name,
      report.results.filter(({ scenario }) => scenario === name),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="misfortune validate" ${totals(report.results)}>\n${suites.join('')}</testsuites>\n`;
}

function suiteXml(name: string, results: CaseResult[]): string {
  const cases = results.map((result) => {
    const head = `    <testcase classname="${xml(name)}.${result.kind}" name="${xml(result.name)}" time="${result.seconds}"`;
    return `${head}>\n${detailXml(result)}    </testcase>\n`;
  });
  return `  <testsuite name="${xml(name)}" ${totals(results)}>\n${cases.join('')}  </testsuite>\n`;
}

function detailXml({ outcome, problems, evidence, tries }: CaseResult): string {
  const lines = [...(tries === undefined ? [] : [`passed at try ${tries}, failed before`]), ...evidence];
  const evidenceXml = lines.length > 0 ? `      <system-out>${xml(lines.join('\n'))}</system-out>\n` : '';
  if (outcome === 'passed') return evidenceXml;
  if (outcome === 'skipped') return `      <skipped message="${xml(problems.join('; '))}"/>\n`;
  const [first = ''] = problems;
  // CI systems show a skipped test green: what was to be proven and was not is an error.
  if (outcome === 'not-run') return `      <error message="${xml(first)}"/>\n`;
  return `      <failure message="${xml(first)}">${xml(problems.join('\n'))}</failure>\n${evidenceXml}`;
}

function totals(results: CaseResult[]): string {
  const count = (outcome: CaseResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).length;
  const time = results.reduce((sum, { seconds }) => sum + seconds, 0).toFixed(1);
  return `tests="${results.length}" failures="${count('failed')}" errors="${count('not-run')}" skipped="${count('skipped')}" time="${time}"`;
}
