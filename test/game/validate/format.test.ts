import { describe, expect, it } from 'vitest';
import type { CaseResult, ValidationReport } from '../../../src/game/validate/result.ts';
import {
  junitXml,
  summaryLine,
  validationProblems,
  validationRows,
} from '../../../src/game/validate/texts/format.ts';
import { markdownReport } from '../../../src/game/validate/texts/markdown.ts';

const report: ValidationReport = {
  passed: false,
  speed: 5,
  seconds: 40,
  interrupted: false,
  results: [
    {
      scenario: 'haymaker',
      kind: 'fixes',
      name: 'delete the "job" & <wait>',
      outcome: 'passed',
      problems: [],
      evidence: ['$ kubectl delete job x → 0'],
      seconds: 12.34,
      folder: '/g/1',
    },
    {
      scenario: 'haymaker',
      kind: 'playbook',
      name: 'latency',
      outcome: 'failed',
      problems: ['CheckoutLatencyHigh: no_rule', 'left behind: \u0007bell'],
      evidence: [],
      seconds: 20,
      folder: '/g/2',
    },
    {
      scenario: 'other',
      kind: 'renamed',
      name: 'other names',
      outcome: 'skipped',
      problems: ['no param holds a name'],
      evidence: [],
      seconds: 0,
    },
  ],
};

describe('what a validation found', () => {
  it('is a table with a row a case', () => {
    expect(validationRows(report)).toMatchInlineSnapshot(`
      [
        [
          "",
          "SCENARIO",
          "CASE",
          "NAME",
          "TIME",
        ],
        [
          "ok",
          "haymaker",
          "fixes",
          "delete the "job" & <wait>",
          "12.3 s",
        ],
        [
          "FAILED",
          "haymaker",
          "playbook",
          "latency",
          "20.0 s",
        ],
        [
          "skipped",
          "other",
          "renamed",
          "other names",
          "0.0 s",
        ],
      ]
    `);
  });

  it('says below the table what is wrong and where to look', () => {
    expect(validationProblems(report).slice(0, 4)).toEqual([
      'FAILED haymaker · playbook · latency',
      '  CheckoutLatencyHigh: no_rule',
      '  left behind: \u0007bell',
      '  see /g/2',
    ]);
  });

  it('is summed up in one line, with what is missing and what is left', () => {
    expect(summaryLine(report)).toBe('3 cases: 1 passed, 1 failed, 1 skipped, in 40 s at speed 5.');
    const cut = summaryLine({ ...report, interrupted: true, unrestored: '2026-11-22-0742' });
    expect(cut).toContain('Interrupted.');
    expect(cut).toContain('misfortune recover 2026-11-22-0742');
  });

  it('is XML that a CI system can read, whatever the names hold', () => {
    const text = junitXml(report);
    expect(text).toContain('name="delete the &quot;job&quot; &amp; &lt;wait&gt;"');
    expect(text).toContain(
      '<testsuites name="misfortune validate" tests="3" failures="1" errors="0" skipped="1" time="32.3">',
    );
    expect(text).toContain('<failure message="CheckoutLatencyHigh: no_rule">');
    expect(text).toContain('<skipped message="no param holds a name"/>');
    expect(text).toContain('left behind: ?bell');
    expect(text.match(/<testsuite /g)).toHaveLength(2);
  });

  it('is not green for a CI system where it was interrupted (case C4)', () => {
    const notRun = {
      ...report.results[0]!,
      name: 'not reached',
      outcome: 'not-run',
      problems: ['interrupted'],
    };
    const cut = { ...report, interrupted: true, results: [...report.results, notRun as CaseResult] };
    expect(junitXml(cut)).toContain('tests="4" failures="1" errors="1" skipped="1"');
    expect(junitXml(cut)).toContain('<error message="interrupted"/>');
    expect(summaryLine(cut)).toContain('4 cases: 1 passed, 1 failed, 1 skipped, 1 not run');
  });

  it('is two tables of Markdown: what was proven of each scenario, and which alerts fired in it', () => {
    const [first, second, third] = report.results as [CaseResult, CaseResult, CaseResult];
    const alerts = [
      { name: 'Slow', is: 'expected' as const },
      { name: 'Full', is: 'acceptable' as const },
      { name: 'a|b', is: 'unexpected' as const },
    ];
    const results = [{ ...first, alerts, giveaways: 1 }, { ...second, alerts: alerts.slice(0, 1) }, third];
    expect(markdownReport({ ...report, results })).toBe(
      `| scenario | passed | failed | skipped | not run | single looks that tell all | time |
| --- | --- | --- | --- | --- | --- | --- |
| haymaker | 1 | 1 | 0 | 0 | 1 | 32 s |
| other | 0 | 0 | 1 | 0 | – | 0 s |

| scenario | expected alerts that fired | accepted ones that fired | others that fired |
| --- | --- | --- | --- |
| haymaker | Slow | Full | a\\|b |
| other | – | – | – |
`,
    );
  });
});
