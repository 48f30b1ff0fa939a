import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { grade } from '../../src/grade/grade.ts';
import type { GradeInput } from '../../src/grade/input.ts';
import { loadGradeInput } from '../../src/grade/load.ts';
import type { Scorecard } from '../../src/grade/scorecard.ts';
import { gameFolder } from '../../src/log/folder.ts';
import { packageRoot } from '../../src/paths.ts';

const load = (name: string) => loadGradeInput(gameFolder(join(packageRoot, 'test/fixtures/games', name)));

describe('haymaker, mitigated by the playbook', () => {
  let input: GradeInput;
  let card: Scorecard;
  beforeAll(async () => {
    input = await load('haymaker-mitigated');
    card = grade(input);
  });

  it('gives the same scorecard again, and JSON keeps all of it', () => {
    expect(grade(input)).toEqual(card);
    expect(JSON.parse(JSON.stringify(card))).toEqual(card);
  });

  it('finds the alert in time, told to its owner, leading on', () => {
    const [latency] = card.alerts.expected;
    expect(latency).toMatchObject({
      name: 'CheckoutLatencyHigh',
      verdict: 'ok',
      receivers: ['checkout'],
      flaps: 0,
    });
    expect(latency?.handling.every(({ holds }) => holds)).toBe(true);
    expect(latency!.detectionMs!).toBeLessThanOrEqual(latency!.withinMs);
    expect(card.alerts).toMatchObject({ letter: 'A', parts: { recall: 1, precision: 1 } });
  });

  it('proposes nothing to an alert that was in time', () => {
    expect(card.findings.filter(({ fix }) => fix?.language === 'diff')).toEqual([]);
    expect(card.alerts.expected[0]).not.toHaveProperty('counterfactual');
  });

  it('sees the expected panels move, and says from when on', () => {
    expect(card.dashboards.expected.map(({ verdict, opened }) => [verdict, opened])).toEqual([
      ['moved', true],
      ['moved', true],
    ]);
    const memory = card.dashboards.boards
      .flatMap(({ panels }) => panels)
      .find(({ title }) => title === 'Replicas');
    expect(memory?.status).toBe('flat');
  });

  it('names what moved and is on no panel', () => {
    const { spots, scanned } = card.dashboards.blindSpots;
    expect(scanned).toBeGreaterThan(50);
    expect(spots[0]?.pointsAt).toEqual(['report-export']);
    expect(spots.every(({ metric }) => !metric.startsWith('http_requests_total'))).toBe(true);
  });

  it('counts the whole playbook, in order', () => {
    expect(card.playbook).toMatchObject({
      coverage: 1,
      order: 1,
      extra: 0,
      score: 1,
      harmful: [],
      unplanned: [],
    });
    expect(card.response.diagnosis.originRightAt).toBeGreaterThan(0);
  });

  it('says no_rule when the rule is gone, and does not fail the others', () => {
    const rules = {
      ...input.rules!,
      alerting: input.rules!.alerting.filter(({ name }) => name !== 'CheckoutLatencyHigh'),
    };
    const silent = {
      ...input.state,
      alerts: input.state.alerts.filter(({ name }) => name !== 'CheckoutLatencyHigh'),
    };
    const [latency] = grade({ ...input, rules, state: silent }).alerts.expected;
    expect(latency).toMatchObject({ verdict: 'no_rule', fired: false });
    expect(latency).not.toHaveProperty('detectionMs');
    expect(latency?.censoredMs).toBeGreaterThan(60_000);
  });

  it('does not call an alert silent that nobody could see', () => {
    const injected = input.state.injectedAt!;
    const blind = (series: GradeInput['series'], until?: number): GradeInput => ({
      ...input,
      series,
      state: {
        ...input.state,
        alerts: [],
        failures: [{ at: injected, part: 'prometheus', error: 'HTTP 500', ...(until && { until }) }],
      },
    });
    const broken = {
      ...input.series!,
      queries: input.series!.queries.map((query) => ({
        ...query,
        series: [],
        outcome: 'no answer' as const,
        why: 'HTTP 500',
      })),
    };
    for (const unseen of [blind(broken), blind(undefined), blind(input.series, injected + 60_000)]) {
      const graded = grade(unseen);
      expect(graded.alerts.expected[0]).toMatchObject({ verdict: 'not_observed', fired: false });
      expect(graded.alerts).toMatchObject({ letter: '—' });
      expect(graded.alerts.parts).not.toHaveProperty('recall');
      expect(graded.findings.filter(({ about }) => about === 'CheckoutLatencyHigh')).toEqual([]);
      expect(graded.notObserved.join(' ')).toMatch(/CheckoutLatencyHigh may have fired: Prometheus did not/);
    }
    const quiet = {
      ...input.series!,
      queries: input.series!.queries.map((query) =>
        query.kind === 'alert-rule' ? { ...query, series: [] } : query,
      ),
    };
    expect(grade(blind(quiet)).alerts.expected[0]?.verdict).toBe('expr_never_true');
  });

  it('is graded without series, rules and dashboards, and says what it could not look at', () => {
    const bare = grade({
      state: input.state,
      scenario: input.scenario,
      playbook: input.playbook,
      dashboards: [],
    });
    expect(bare.alerts.expected[0]?.verdict).toBe('ok');
    expect(bare.notObserved.join(' ')).toMatch(/Rules.*Dashboards.*Series/);
  });

  it('holds it against nobody that there are no dashboards', () => {
    const { series: _, ...rest } = input;
    const idle = { ...rest, state: { ...input.state, actions: [] } };
    const steps = (of: Scorecard) =>
      Object.fromEntries(of.playbook.steps.map(({ id, status }) => [id, status]));
    const missed = grade(idle);
    expect(steps(missed)).toMatchObject({
      'look-at-golden-signals': 'missing',
      'stop-the-source': 'missing',
    });
    const bare = grade({ ...idle, dashboards: [] });
    expect(steps(bare)).toMatchObject({ 'look-at-golden-signals': 'n/a', 'stop-the-source': 'missing' });
    expect(bare.dashboards).toMatchObject({ letter: '—', parts: {} });
    expect(bare.findings.filter(({ subject }) => subject === 'dashboards')).toEqual([]);
    expect(bare.alerts.expected[0]?.handling.map(({ name }) => name)).not.toContain('dashboard');
  });
});

describe('broken-upstream, mitigated by the playbook', () => {
  let card: Scorecard;
  beforeAll(async () => {
    card = grade(await load('broken-upstream-mitigated'));
  });

  it('finds the overview a dead end and the telling panel too far down', () => {
    const boards = Object.fromEntries(card.dashboards.boards.map(({ uid, verdict }) => [uid, verdict]));
    expect(boards).toMatchObject({ edge: 'showed it', 'shop-overview': 'misled' });
    const texts = card.findings.map(({ text }) => text);
    expect(texts.some((text) => /shop-overview was opened and none/.test(text))).toBe(true);
    expect(
      texts.some((text) => /Errors by upstream .* panel 11 of its dashboard: move it up/.test(text)),
    ).toBe(true);
  });
});

describe('haymaker, played badly on purpose', () => {
  let card: Scorecard;
  beforeAll(async () => {
    card = grade(await load('haymaker-badly'));
  });

  it('says which deeds were harmful and which unplanned', () => {
    expect(card.playbook.harmful.map(({ text }) => text)).toEqual([
      expect.stringMatching(/delete service checkout/),
    ]);
    expect(card.playbook.unplanned.map(({ text }) => text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/rollout restart/), expect.stringMatching(/scale/)]),
    );
    expect(card.playbook.score).toBeLessThan(0.1);
  });

  it('never makes a person the subject', () => {
    for (const { text } of card.findings)
      expect(text).not.toMatch(/\b(you|responder|engineer|human error)\b/i);
  });

  it('still gives the alerts what they are worth', () => {
    expect(card.alerts.parts.recall).toBe(1);
    expect(card.response.wrongClaims.length).toBeGreaterThan(0);
    expect(card.response.diagnosis).not.toHaveProperty('originRightAt');
  });
});
