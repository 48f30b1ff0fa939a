import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseSource } from '../../../src/document/read.ts';
import type { Case } from '../../../src/game/validate/cases.ts';
import type { CaseResult, ValidationReport } from '../../../src/game/validate/result.ts';
import { resume } from '../../../src/game/validate/resume.ts';
import { junitXml, summaryLine } from '../../../src/game/validate/texts/format.ts';
import { markdownReport } from '../../../src/game/validate/texts/markdown.ts';
import type { ScenarioCases } from '../../../src/game/validate/validate.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'resume-'));
  file = join(folder, 'results.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const document = (text: string) => parseSource('x.yaml', text).document!;
const scenario = (name: string, text = `name: ${name}`): ScenarioCases => ({
  sources: { scenario: document(text), playbook: document('name: p') },
  scenario: name,
  cases: [
    { kind: 'nothing', name: 'until the time-out' } as Case,
    { kind: 'fixes', name: 'put it back' } as Case,
    { kind: 'renamed', name: 'other names', skip: 'no names' } as Case,
  ],
});
const todo = [scenario('one'), scenario('two')];
const opened = (more: Partial<Parameters<typeof resume>[1]> = {}) =>
  resume(file, { todo, speed: 10, params: {}, ...more });
const result = (of: string, kind: CaseResult['kind'], outcome: CaseResult['outcome']): CaseResult => ({
  scenario: of,
  kind,
  name: kind === 'nothing' ? 'until the time-out' : 'put it back',
  outcome,
  problems: outcome === 'failed' ? ['it was red'] : [],
  evidence: [],
  seconds: 3,
});
const left = ({ todo: parts }: ReturnType<typeof resume>) =>
  parts.flatMap(({ scenario: name, cases }) => cases.map(({ kind }) => `${name} ${kind}`));
const report = (results: CaseResult[]): ValidationReport => ({
  passed: results.every(({ outcome }) => outcome === 'passed'),
  speed: 10,
  seconds: 6,
  results,
  interrupted: false,
});

describe('a validation that goes on', () => {
  it('plays everything where the file is not there yet', () => {
    expect(left(opened())).toHaveLength(6);
  });

  it('plays what failed, what was not reached, and nothing that passed', () => {
    const first = opened();
    first.keep(result('one', 'nothing', 'passed'));
    first.keep(result('one', 'fixes', 'passed'));
    first.keep(result('two', 'nothing', 'failed'));
    expect(left(opened())).toEqual(['two nothing', 'two fixes', 'two renamed']);
  });

  it('reports all cases in their order, and says which passed at a later try', () => {
    const first = opened();
    first.keep(result('one', 'nothing', 'passed'));
    first.keep(result('one', 'fixes', 'failed'));
    first.keep(result('two', 'fixes', 'passed'));
    first.keep(result('two', 'nothing', 'passed'));
    const second = opened();
    expect(left(second)).toEqual(['one fixes', 'one renamed']);
    const now = result('one', 'fixes', 'passed');
    second.keep(now);
    const whole = second.whole(report([now]));
    expect(whole.results.map(({ scenario: of, kind, outcome }) => `${of} ${kind} ${outcome}`)).toEqual([
      'one nothing passed',
      'one fixes passed',
      'one renamed skipped',
      'two nothing passed',
      'two fixes passed',
      'two renamed skipped',
    ]);
    expect(summaryLine(whole)).toBe(
      '6 cases: 4 passed (1 at a later try), 0 failed, 2 skipped, in 6 s at speed 10. 3 had passed in an earlier run.',
    );
    expect(junitXml(whole)).toContain('passed at try 2, failed before');
    expect(markdownReport(whole)).toContain('| one | 2 (1 at a later try) | 0 | 1 |');
  });

  it('has nothing to play, and passes, where everything passed in the files of all shards together', () => {
    for (const { scenario: of } of todo) {
      const shard = join(folder, of);
      const one = resume(shard, { todo: [scenario(of)], speed: 10, params: {} });
      one.keep(result(of, 'nothing', 'passed'));
      one.keep(result(of, 'fixes', 'passed'));
      appendFileSync(file, readFileSync(shard));
    }
    const all = opened();
    expect(left(all)).toEqual([]);
    expect(all.whole(undefined)).toMatchObject({ passed: true, earlier: 4 });
    expect(all.whole(undefined).results).toHaveLength(6);
  });

  it('plays again what passed with another scenario, speed, param or cluster', () => {
    opened().keep(result('one', 'fixes', 'passed'));
    const changed = [scenario('one', 'name: one # changed'), scenario('two')];
    for (const more of [{ todo: changed }, { speed: 5 }, { params: { rate: 1 } }, { cluster: 'staging' }])
      expect(left(opened(more))).toHaveLength(6);
    expect(left(opened())).toHaveLength(5);
  });

  it('fails where what is played fails again', () => {
    opened().keep(result('one', 'fixes', 'failed'));
    const again = opened();
    const whole = again.whole(report([result('one', 'fixes', 'failed')]));
    expect(whole.passed).toBe(false);
    expect(whole.results.find(({ kind }) => kind === 'fixes')).toMatchObject({ outcome: 'failed' });
  });

  it('takes a file whose last line was cut off, and goes on writing on a line of its own', () => {
    const first = opened();
    first.keep(result('one', 'fixes', 'passed'));
    appendFileSync(file, '{"of":"0123');
    const second = opened();
    expect(left(second)).toHaveLength(5);
    second.keep(result('two', 'fixes', 'passed'));
    expect(left(opened())).toHaveLength(4);
  });

  it.each([
    ['one line of other text', 'apiVersion: misfortune/v1'],
    ['a document', 'apiVersion: misfortune/v1\nkind: Scenario\n'],
    ['other JSON', '{"of":"x","result":{"scenario":1}}\n'],
  ])('refuses %s, and leaves the file as it is', (_, text) => {
    writeFileSync(file, text);
    expect(() => opened()).toThrow(/Expected results/);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });
});
