import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Rehearsal } from '../../../src/game/validate/rehearse.ts';
import type { ValidationReport } from '../../../src/game/validate/result.ts';
import { Place, startingMs } from './place.ts';
import { until } from './processes.ts';

/** Of broken-upstream. */
const firstFix = 'put the list back';

/** A sandbox whose rules lack one, as somebody has it who edits the file of `misfortune stack rules`. */
let place: Place;
beforeAll(async () => {
  place = new Place();
  const rules = join(place.home, 'rules.yaml');
  const { stdout } = await place.run(['stack', 'rules']);
  const file = parse(stdout) as { groups: { rules: { alert?: string }[] }[] };
  for (const group of file.groups)
    group.rules = group.rules.filter(({ alert }) => alert !== 'CheckoutLatencyHigh');
  writeFileSync(rules, stringify(file));
  await place.startSandbox(['--rules', rules]);
}, startingMs);
afterAll(() => place.close());

const report = (text: string) => JSON.parse(text) as ValidationReport;

describe('misfortune validate, on the real shop', () => {
  it('lists what it would prove, and refuses words that it does not know', async () => {
    const { exitCode, stdout } = await place.run(['validate', 'broken-upstream', '--list']);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('one-in-n-fails by read-the-log')]);
    const typo = await place.run(['validate', 'haymaker', '--case', 'delete teh job']);
    expect([typo.exitCode, typo.stderr]).toEqual([
      2,
      expect.stringContaining('Did you mean "delete the job"?'),
    ]);
    const nowhere = await place.run([
      'validate',
      'haymaker',
      '--junit',
      join(place.home, 'no', 'report.xml'),
    ]);
    expect([nowhere.exitCode, nowhere.stderr]).toEqual([2, expect.stringContaining('Expected a folder')]);
  });

  it('says no_rule for the alert whose rule is gone, and fails', async () => {
    const junit = join(place.home, 'report.xml');
    const args = ['validate', 'haymaker', '--only', 'playbook', '--junit', junit];
    const { exitCode, stdout, stderr } = await place.run(args);
    expect(stdout).toContain('FAILED  haymaker  playbook  latency-without-a-deploy');
    expect(stdout).toContain('CheckoutLatencyHigh: no_rule.');
    expect(stdout).toMatch(/1 case: 0 passed, 1 failed, 0 skipped, in \d+ s at speed 10\.\n$/);
    expect(stderr).toContain('[1/1] haymaker · playbook · latency-without-a-deploy · failed');
    expect(readFileSync(junit, 'utf8')).toContain('<failure message="CheckoutLatencyHigh: no_rule.');
    expect(exitCode).toBe(1);
    expect(await place.differences()).toEqual([]);
  });

  it('says with a rate of 1 that the fault had no effect, and plays no other case', async () => {
    const args = ['validate', 'haymaker', '--param', 'rate=1', '--only', 'playbook,fixes', '--json'];
    const { exitCode, stdout } = await place.run(args);
    const [first, ...others] = report(stdout).results;
    expect(first).toMatchObject({ outcome: 'failed' });
    expect(first?.problems.join()).toContain('the fault flood had no effect');
    expect(others).toHaveLength(4);
    expect(new Set(others.map(({ outcome }) => outcome))).toEqual(new Set(['skipped']));
    expect(exitCode).toBe(1);
  });

  it('passes a right fix and the other names, and keeps the scorecard of neither', async () => {
    const args = [
      'validate',
      'broken-upstream',
      '--case',
      'take the dead entry out',
      '--case',
      'entry=till-2',
      '--json',
      '--resume',
      join(place.home, 'results.jsonl'),
    ];
    const { exitCode, stdout } = await place.run(args);
    const { results, ...whole } = report(stdout);
    expect(results.map(({ kind, outcome, problems }) => [kind, outcome, ...problems])).toEqual([
      ['fixes', 'passed'],
      ['renamed', 'passed'],
    ]);
    for (const { folder } of results) expect(existsSync(join(folder!, 'scorecard.json'))).toBe(false);
    expect(whole).toMatchObject({ passed: true, interrupted: false, speed: 10 });
    expect(exitCode).toBe(0);
    // With the file of results there is nothing left to play.
    const again = await place.run(args);
    expect([again.exitCode, report(again.stdout)]).toEqual([
      0,
      expect.objectContaining({ passed: true, seconds: 0, earlier: 2, results }),
    ]);
  });

  it('restores when it is interrupted in the middle of a game, and tells what was proven by then', async () => {
    const child = place.spawn(['validate', 'haymaker', '--only', 'nothing', '--json']);
    let [told, said] = ['', ''];
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      told += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    await until('something is broken', async () => (await place.differences()).length > 0, 60_000);
    child.kill('SIGINT');
    expect([await ended, said]).toEqual([130, expect.not.stringContaining('defect')]);
    const { results, ...whole } = report(told);
    expect(whole).toMatchObject({ passed: false, interrupted: true });
    expect(results.map(({ outcome, problems }) => [outcome, ...problems])).toEqual([
      ['not-run', 'interrupted'],
    ]);
    expect(await place.differences()).toEqual([]);
  });

  it('tries a scenario for its author: the effect, the alerts, the oracle, and restores', async () => {
    const { exitCode, stdout, stderr } = await place.run([
      'scenario',
      'try',
      'haymaker',
      '--for',
      '60s',
      '--json',
    ]);
    expect(stderr).toMatch(/^\+[\d.]+ s {2}flood: has its effect: /m);
    const tried = JSON.parse(stdout) as Rehearsal;
    expect(tried).toMatchObject({
      scenario: 'haymaker',
      effects: [{ fault: 'flood', seen: true }],
      problems: expect.arrayContaining(['CheckoutLatencyHigh is expected and did not fire']),
      differences: [],
    });
    expect(tried.oracle.find(({ id }) => id === 'source-stopped')).toMatchObject({ holds: false });
    expect(exitCode).toBe(1);
    expect(await place.differences()).toEqual([]);
  });

  it('plays scenarios side by side, each in a sandbox of its own, which is gone at the end', async () => {
    const args = ['validate', 'haymaker', 'broken-upstream', '--jobs', '2', '--speed', '10', '--json'];
    const { exitCode, stdout, stderr } = await place.run([
      ...args,
      '--case',
      'delete the job',
      '--case',
      firstFix,
    ]);
    const { results, ...whole } = report(stdout);
    expect(results.map(({ scenario, outcome, problems }) => [scenario, outcome, ...problems])).toEqual([
      ['haymaker', 'passed'],
      ['broken-upstream', 'passed'],
    ]);
    expect(whole).toMatchObject({ passed: true, interrupted: false, speed: 10 });
    expect(exitCode).toBe(0);
    expect(stderr).toContain('2 scenarios in 2 sandboxes at speed 10');
    for (const side of ['side-1', 'side-2'])
      expect(existsSync(join(place.home, side, 'sandbox', 'sandbox.json'))).toBe(false);
  });

  it('restores and ends all sandboxes when it is interrupted while it plays side by side', async () => {
    const child = place.spawn([
      'validate',
      'haymaker',
      'broken-upstream',
      '--only',
      'nothing',
      '--jobs',
      '2',
      '--speed',
      '10',
    ]);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const states = ['side-1', 'side-2'].map((side) => join(place.home, side, 'sandbox', 'sandbox.json'));
    await until('both sandboxes run', () => states.every((file) => existsSync(file)), 120_000);
    child.kill('SIGINT');
    expect([await ended, said]).toEqual([130, expect.not.stringContaining('defect')]);
    await until('both sandboxes are gone', () => states.every((file) => !existsSync(file)), 10_000);
  });
});
