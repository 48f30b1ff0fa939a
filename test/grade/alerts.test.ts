import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { grade } from '../../src/grade/grade.ts';
import { episode, every5, game, rule } from './game-by-hand.ts';

const slow = (input: Parameters<typeof grade>[0]) => grade(input).alerts.expected[0]!;

describe('why an expected alert told nobody', () => {
  it('no_rule: none of this name exists', () => {
    expect(slow(game({ rules: [] }))).toMatchObject({ verdict: 'no_rule', fired: false });
  });

  it('rule_unhealthy: with the error of the rule', () => {
    const broken = rule({ health: 'err', lastError: 'many-to-many matching' });
    expect(slow(game({ rules: [broken] }))).toMatchObject({
      verdict: 'rule_unhealthy',
      text: 'has a rule that Prometheus cannot evaluate: many-to-many matching',
    });
  });

  it('series_missing: what it compares has no samples', () => {
    expect(slow(game({}))).toMatchObject({ verdict: 'series_missing', text: expect.stringMatching(/`p95`/) });
  });

  it('expr_never_true: with the value that came closest', () => {
    const one = slow(game({ value: (at) => (at > 0 ? 0.31 : 0.1) }));
    expect(one.verdict).toBe('expr_never_true');
    expect(one.text).toBe('did not fire: `p95` peaked at 0.31 (threshold > 0.5)');
  });

  it('pending_only: with the longest run and what it needs', () => {
    const one = slow(game({ trueAt: every5(20, 60), alerts: [episode({ pending: 20, over: 62 })] }));
    expect(one).toMatchObject({ verdict: 'pending_only', fired: false });
    expect(one.text).toMatch(/was pending for at most 4\d s; `for` is 1m$/);
  });

  it('fired_silenced before fired_inhibited before fired_unrouted', () => {
    const fired = { pending: 10, firing: 70 };
    const silenced = episode(fired, { suppressed: { silencedBy: ['abc'], inhibitedBy: ['def'] } });
    const inhibited = episode(fired, { suppressed: { silencedBy: [], inhibitedBy: ['def'] } });
    expect(slow(game({ alerts: [silenced] })).verdict).toBe('fired_silenced');
    expect(slow(game({ alerts: [inhibited] })).verdict).toBe('fired_inhibited');
    expect(slow(game({ alerts: [episode(fired)] })).verdict).toBe('fired_unrouted');
  });

  it('fired_unrouted: somebody else was told', () => {
    const other = episode({ pending: 10, firing: 70, told: 75 }, { receivers: ['platform'] });
    const one = slow(game({ alerts: [other] }));
    expect(one).toMatchObject({ verdict: 'fired_unrouted', receivers: ['platform'] });
    expect(one.text).toMatch(/not its owner shop/);
  });

  it('fired_late: after what is allowed', () => {
    expect(slow(game({ alerts: [episode({ pending: 60, firing: 120, told: 130 })] }))).toMatchObject({
      verdict: 'fired_late',
      detectionMs: 120_000,
    });
  });

  it('fired_late: in time, and its owner was told only when the routes were mended', () => {
    const fired = { pending: 10, firing: 70, told: 75 };
    const lost = (owner: number) => {
      const given = episode(fired, { receivers: ['archive', 'shop'] });
      const toldAt = { archive: given.notifiedAt!, shop: given.firingAt! + (owner - 70) * 1000 };
      return slow(game({ alerts: [{ ...given, toldAt }] }));
    };
    const late = lost(280);
    expect(late).toMatchObject({ verdict: 'fired_late', ownerHeard: true });
    expect(late.text).toMatch(/; shop was notified 3 m 30 s later, only archive was before$/);
    // What it needs on its way is no loss.
    expect(lost(100).verdict).toBe('ok');
    expect(lost(100).text).not.toMatch('later');
  });

  it('ok', () => {
    const one = slow(game({ alerts: [episode({ pending: 10, firing: 70, told: 75, over: 290 })] }));
    expect(one).toMatchObject({ verdict: 'ok', detectionMs: 70_000, firingAt: 70_000, notifiedAt: 75_000 });
  });

  it('an alert that fired before the game is neither a hit nor a false alarm', () => {
    const old = episode({ pending: -20, firing: -10, told: -5 }, { background: true });
    const { alerts } = grade(game({ alerts: [old] }));
    expect(alerts).toMatchObject({ groups: [], background: ['Slow'], parts: { recall: 0 } });
  });
});

describe('what another `for` would have done', () => {
  const late = [episode({ pending: 20, over: 62 })];

  it('proposes the mildest one that would have been in time, with its false alarms', () => {
    const one = slow(game({ trueAt: [...every5(-300, -285), ...every5(20, 60)], alerts: late }));
    expect(one.counterfactual).toMatchObject({ for: 30_000, afterMs: 50_000, falseAlarms: 0 });
    const noisy = slow(game({ trueAt: [...every5(-300, -260), ...every5(20, 60)], alerts: late }));
    expect(noisy.counterfactual).toMatchObject({ for: 30_000, falseAlarms: 1 });
  });

  it('a longer `for` never fires more often, nor earlier', () => {
    const samples = fc.uniqueArray(fc.integer({ min: -119, max: 59 }), { maxLength: 90 });
    fc.assert(
      fc.property(samples, fc.constantFrom(10, 15, 30, 60, 120), (ticks, seconds) => {
        const trueAt = ticks.sort((a, b) => a - b).map((tick) => tick * 5);
        const short = slow(game({ rules: [rule({ for: seconds })], trueAt })).counterfactual;
        const long = slow(game({ rules: [rule({ for: seconds * 2 })], trueAt })).counterfactual;
        if (!short || !long) return;
        if (long.for >= short.for) expect(long.falseAlarms).toBeLessThanOrEqual(short.falseAlarms);
        // What fired before the fault and went on does not count as seeing it; a longer `for` may fire just after it began.
        const isAcross = ticks.includes(-1) && ticks.includes(0);
        if (long.for >= short.for && !isAcross) expect(long.afterMs).toBeGreaterThanOrEqual(short.afterMs);
      }),
      { numRuns: 50, examples: [[[-1, 0, 1, 3], 10]] },
    );
  });

  it('proposes nothing to an alert that has no shorter `for`', () => {
    expect(slow(game({ rules: [rule({ for: 0 })], trueAt: every5(20, 60) })).counterfactual).toBeUndefined();
  });
});

describe('an alert that leads nowhere', () => {
  it('is told what it lacks, one by one', () => {
    const bare = rule({ labels: {}, annotations: { summary: 'error rate of <no value>' } });
    const one = slow(game({ rules: [bare], alerts: [] }));
    expect(one.handling.filter(({ holds }) => holds)).toEqual([]);
    expect(one.handling.map(({ name }) => name)).toEqual([
      'runbook',
      'summary',
      'description',
      'severity',
      'dashboard',
    ]);
  });
});
