import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { grade, gradeGame } from '../../src/grade/grade.ts';
import { loadGradeInput } from '../../src/grade/load.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { packageRoot } from '../../src/paths.ts';
import { debriefLines } from '../../src/report/debrief-lines.ts';
import { reportHtml } from '../../src/report/html/html.ts';
import { reportJson } from '../../src/report/json.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { reportOf } from '../../src/report/report.ts';
import { writeReports } from '../../src/report/write.ts';

const games = ['haymaker-mitigated', 'broken-upstream-mitigated', 'haymaker-badly'];
const recorded = (name: string) => gameFolder(join(packageRoot, 'test/fixtures/games', name));
const made: string[] = [];
const temporary = () => {
  const path = mkdtempSync(join(tmpdir(), 'report-'));
  made.push(path);
  return path;
};
afterEach(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true });
});

describe.each(games)('the report of %s', (name) => {
  it('has the same bytes from another path, in another zone', async () => {
    const [here, there, copy] = [temporary(), temporary(), join(temporary(), 'some where else')];
    cpSync(recorded(name).path, copy, { recursive: true });
    const first = await writeReports(recorded(name), here);
    const zone = process.env.TZ;
    process.env.TZ = 'Asia/Jakarta';
    const second = await writeReports(gameFolder(copy), there).finally(() => {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    });
    expect(first.map((path) => basename(path))).toEqual([
      'report.html',
      'report.md',
      'report.json',
      'scorecard.json',
    ]);
    for (const [index, path] of first.entries())
      expect(readFileSync(path)).toEqual(readFileSync(second[index]!));
  });

  it('is one page that asks for nothing and runs nothing', async () => {
    const page = reportHtml(reportOf(await loadGradeInput(recorded(name))));
    expect(page).toMatch(/default-src 'none'; style-src 'sha256-[\w+/=]+'/);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|\son\w+=|\sstyle=|url\(|@import/i);
    expect(page).not.toMatch(/\b(?:src|href)=/);
    expect(page).not.toMatch(/NaN|undefined|Infinity|\[object/);
  });

  it('scrolls a wide table in its own place, not the page', async () => {
    const page = reportHtml(reportOf(await loadGradeInput(recorded(name))));
    expect(page).toContain('<table');
    expect(page.match(/<div class="wide"><table/g)).toHaveLength(page.match(/<table/g)?.length ?? 0);
  });

  it('rates each step in every form alike', async () => {
    const report = reportOf(await loadGradeInput(recorded(name)));
    const card = report.scorecard as Scorecard;
    const lines = debriefLines(card, 140).lines.map(({ text }) => text);
    const [page, text] = [reportHtml(report), reportMarkdown(report)];
    for (const { id, phase, optional, rating = '—', because = [] } of card.playbook.steps) {
      const shown = id + (optional ? ' (optional)' : '');
      expect(text).toContain(`| ${shown} | ${phase} | ${rating === '—' ? rating : `**${rating}**`} |`);
      expect(page).toMatch(
        new RegExp(`<td>${shown.replace(/[()]/g, '\\$&')}</td><td>${phase}</td><td[^>]*>${rating}</td>`),
      );
      const [line] = lines.filter((one) => one.includes(` ${id} `) && /^ {2}[PSMU·] /.test(one));
      expect(line?.trim()[0]).toBe(rating === '—' ? '·' : rating);
      expect(line).toContain(because[0] ?? '');
    }
  });

  it('tells the debrief in lines that fit', async () => {
    const input = await loadGradeInput(recorded(name));
    for (const width of [80, 100, 140]) {
      const { heading, lines } = debriefLines(grade(input), width);
      expect(heading).toContain(input.scenario.name);
      const words = lines.filter(({ text }) => [...text].length > width && /\s\S+\s/.test(text.trim()));
      expect(words.map(({ text }) => text)).toEqual([]);
    }
  });
});

describe('a game that did not start', () => {
  const why = 'the fault flood had no effect: 50 ms (expected above 500 ms)';
  const notStarted = async () => {
    const input = await loadGradeInput(recorded('haymaker-mitigated'));
    const phases = input.state.phases.filter(({ phase }) => phase !== 'respond');
    const ended = { ...input.state.ended!, ending: 'not-started' as const, why };
    return { ...input, state: { ...input.state, phases, ended } };
  };

  it('is said to have nothing to grade, and nothing is called missing or blind', async () => {
    const input = await notStarted();
    const report = reportOf(input);
    const lines = debriefLines(report.scorecard, 80);
    expect(lines.lines.map(({ text }) => text).join(' ')).toContain(why);
    const all = [lines.heading, ...lines.lines.map(({ text }) => text)].join('\n');
    for (const form of [all, reportMarkdown(report), reportHtml(report), reportJson(report)]) {
      expect(form).toMatch(/[Nn]ot played|"played": false/);
      expect(form).toContain('had no effect');
      expect(form).not.toMatch(/missing|no samples|not reached|blind|side-car|\b0 %/);
    }
  });

  it('says whether anything was changed', async () => {
    const input = await notStarted();
    const said = (state: typeof input.state) =>
      debriefLines(gradeGame({ ...input, state }), 80).lines.at(-1)?.text;
    expect(said(input.state)).toBe('Restored, verified: 0 differences.');
    expect(said({ ...input.state, restored: undefined })).toBe('The restore was not verified.');
    expect(said({ ...input.state, restored: undefined, plan: undefined })).toBe('Nothing was changed.');
  });
});

describe('what a restore has left to others', () => {
  const line = 'deployment/shop/edge spec.replicas: was 2, is 6: left to horizontalpodautoscaler/edge';

  it('is told in every form of the report', async () => {
    const input = await loadGradeInput(recorded('haymaker-mitigated'));
    const state = { ...input.state, restored: { ...input.state.restored!, left: [line] } };
    const report = reportOf({ ...input, state });
    const { heading, lines } = debriefLines(report.scorecard, 140);
    expect(heading).toContain('restored, verified (1 note)');
    expect(lines).toContainEqual({ text: `  after the restore: ${line}`, tone: 'warn' });
    expect(reportHtml(report)).toContain(`<p class="meta warn">${line}</p>`);
    for (const form of [reportMarkdown(report), reportJson(report)]) expect(form).toContain(line);
  });

  it('is counted and not named where the game was not played and may be another time', async () => {
    const input = await loadGradeInput(recorded('haymaker-mitigated'));
    const phases = input.state.phases.filter(({ phase }) => phase !== 'respond');
    const state = { ...input.state, phases, restored: { ...input.state.restored!, left: [line] } };
    const { lines } = debriefLines(gradeGame({ ...input, state }), 140);
    expect(lines.map(({ text }) => text).join(' ')).toContain('1 object left to others or not ready yet');
    expect(JSON.stringify(lines)).not.toContain('deployment/shop/edge');
  });
});

describe('texts from a cluster', () => {
  it('are shown, and never become HTML, Markdown or control sequences', async () => {
    const input = await loadGradeInput(recorded('haymaker-badly'));
    const evil = '<img src=x onerror=alert(1)>"\'&|`\u001b[31m\u202e';
    const state = {
      ...input.state,
      notes: [{ at: (input.state.injectedAt ?? 0) + 1000, who: 'x', text: evil }],
      actions: input.state.actions.map((action) => ({ ...action, title: evil })),
      alerts: input.state.alerts.map((alert) => ({ ...alert, receivers: [evil] })),
    };
    const report = reportOf({ ...input, state });
    const page = reportHtml(report);
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
    expect(page).not.toContain('<img');
    for (const text of [page, reportMarkdown(report)]) expect(text).not.toMatch(/\u001b|\u202e/);
    const outsideCode = reportMarkdown(report).replace(/(?<![\\`])(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
    expect(outsideCode).not.toMatch(/(?<!\\)<img/);
  });
});
