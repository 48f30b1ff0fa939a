import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadGradeInput } from '../../src/grade/load.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { packageRoot } from '../../src/paths.ts';
import { actionItems, actionsText } from '../../src/report/actions.ts';
import { reportHtml } from '../../src/report/html/html.ts';
import { linkOf } from '../../src/report/links.ts';
import { postmortemMarkdown } from '../../src/report/postmortem.ts';
import { reportOf } from '../../src/report/report.ts';
import { storyOf } from '../../src/report/story.ts';
import { timelineOf } from '../../src/report/timeline.ts';

const badly = await loadGradeInput(gameFolder(join(packageRoot, 'test/fixtures/games/haymaker-badly')));
const report = reportOf(badly);
const card = report.scorecard as Scorecard;

/** By RFC 4180, section 2, and nothing else. */
function rowsOf(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, cell = '', end] of csv.matchAll(/"((?:[^"]|"")*)"(,|\r\n)/gy)) {
    rows.at(-1)?.push(cell.replaceAll('""', '"'));
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('the action items of a game', () => {
  it('are its findings in their order, each with what was seen, its owner and a date to be filled in', () => {
    const items = actionItems(card);
    const findings = card.findings.filter(({ kind }) => kind !== 'good');
    expect(items.map(({ what }) => what)).toEqual(findings.map(({ text }) => text));
    expect(items.every(({ owner, due }) => owner === 'checkout' && due === '')).toBe(true);
    expect(items.every(({ why }) => why.length > 0)).toBe(true);
  });

  it('are the same in Markdown, CSV and JSON', () => {
    const items = actionItems(card);
    expect(JSON.parse(actionsText(card, 'json'))).toEqual({ version: 1, game: card.game.id, items });
    const [head, ...rows] = rowsOf(actionsText(card, 'csv'));
    expect(head).toEqual(['what', 'why', 'fix', 'owner', 'due']);
    expect(rows.map(([what, why]) => [what, why])).toEqual(
      items.map(({ what, why }) => [what, why.join('\n')]),
    );
    expect(actionsText(card, 'md').match(/^\* \[ \] /gm)).toHaveLength(items.length);
  });

  it('are quoted in CSV by RFC 4180, whatever their texts, and no cell begins a formula', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('=1+1', '@x', '+a', '-b', '\t=1', 'a"b', 'a,b', 'a\r\nb', '"'),
    );
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const findings = texts.map((one) => ({ ...card.findings[0]!, text: one, kind: 'gap' as const }));
        const [, ...rows] = rowsOf(actionsText({ ...card, findings }, 'csv'));
        expect(rows.map(([what = '']) => what.replace(/^'(?=[=+\-@\t\r])/, ''))).toEqual(texts);
        for (const cell of rows.flat()) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the postmortem of a game', () => {
  const text = postmortemMarkdown(report);

  it('has the usual sections, and asks where only people can know', () => {
    expect(text.match(/^## .*/gm)).toEqual([
      '## Summary',
      '## Impact',
      '## Detection',
      '## Timeline',
      '## Contributing causes',
      '## What went well',
      '## What was hard',
      '## Where we were lucky',
      '## What was learned',
      '## Action items',
      '## Not observed',
    ]);
    for (const section of ['What went well', 'What was hard', 'Where we were lucky', 'What was learned']) {
      const [, after = ''] = text.split(`## ${section}\n`);
      expect(after.split('\n## ')[0]).toMatch(/\?\*\n\n\* …………/);
    }
  });

  it('is named by what broke, and names nobody in its sentences', () => {
    expect(text).toMatch(/^# Postmortem: Paying takes forever: load\n/);
    const sentences = text.split('\n').filter((line) => !line.startsWith('|'));
    expect(sentences.filter((line) => line.includes('responder ') || line.includes('human error'))).toEqual(
      [],
    );
  });
});

describe('the story of a game', () => {
  const story = (change: Partial<Scorecard>) =>
    Object.fromEntries(storyOf({ ...card, ...change }).map(({ title, text }) => [title, text]));

  it('is five lines', () => {
    expect(Object.keys(story({}))).toEqual([
      'What broke',
      'Impact',
      'Notified',
      'Found and fixed',
      'Put back',
    ]);
  });

  it('says what was not measured, not observed and not verified', () => {
    const { restored: _, ...game } = card.game;
    const alerts = {
      ...card.alerts,
      expected: card.alerts.expected.map(({ ownerHeard: __, ...one }) => ({ ...one, receivers: [] })),
    };
    const told = story({ impact: undefined, game, alerts });
    expect(told.Impact).toBe('Not measured: no live signal with an objective was sampled.');
    expect(told.Notified).toContain('who was notified was not observed');
    expect(told['Put back']).toContain('The restore was not verified.');
    const { customers: ___, ...impact } = card.impact!;
    expect(story({ impact: { ...impact, unseenMs: 20_000 } }).Impact).toMatch(
      /the share of customers was not measured\. Not observed for 20 s of the game\.$/,
    );
  });
});

describe('the timeline of a game', () => {
  it('links to what was to be seen at a moment where the addresses are known, and only there', () => {
    const links = { prometheus: 'https://prom.example/x', grafana: 'https://g.example' };
    const known = { ...badly, state: { ...badly.state, game: { ...badly.state.game!, links } } };
    const page = reportHtml(reportOf(known));
    const fired = timelineOf(known).find(({ text }) => text === 'CheckoutLatencyHigh firing')!;
    const link = new URL(linkOf(fired, known.state)!);
    expect(link.origin + link.pathname).toBe('https://prom.example/x/graph');
    expect(link.searchParams.get('g0.expr')).toBe('shop:checkout:p95_seconds > 0.5');
    const end = Date.parse(`${link.searchParams.get('g0.end_input')}Z`);
    expect(Math.abs(end - (card.game.injectedAt + fired.at + 15 * 60_000))).toBeLessThan(1000);
    expect(page).toContain(`href="${link.href.replaceAll('&', '&amp;')}"`);
    expect(linkOf({ ...fired, shows: { dashboard: 'a/b' } }, known.state)).toMatch(
      /^https:\/\/g\.example\/d\/a%2Fb\?from=\d+&to=\d+$/,
    );
    expect(linkOf(fired, badly.state)).toBeUndefined();
    expect(reportHtml(report)).not.toContain('href');
  });
});
