import { describe, expect, it } from 'vitest';
import { grade } from '../../src/grade/grade.ts';
import type { GradeInput } from '../../src/grade/input.ts';
import { managerOf } from '../../src/log/alert-episodes.ts';
import { grafanaAlerting } from '../../src/signal/rules/all.ts';
import type { AlertRule } from '../../src/signal/series.ts';
import { episode, game, rule } from './game-by-hand.ts';

const logs = (rest: Partial<AlertRule> = {}) =>
  rule({
    query: 'sum(rate({app="till"} |= "error" [5m])) > 1',
    ruler: 'ruler loki',
    notPromql: true,
    ...rest,
  });
const played = (input: GradeInput, state: Partial<GradeInput['state']> = {}) => {
  const { alerts, notObserved, findings } = grade({ ...input, state: { ...input.state, ...state } });
  return { ...alerts.expected[0]!, letter: alerts.letter, notObserved: notObserved.join('\n'), findings };
};
const failure = (part: string, from: number, until: number) => ({
  ...{ part, error: 'no answer', at: (1_700_000_000 + from) * 1000, until: (1_700_000_000 + until) * 1000 },
});

describe('an alert that another evaluator has', () => {
  it('is graded by its times and who was told, like any other', () => {
    const told = played(game({ rules: [logs()], alerts: [episode({ firing: 30, told: 40 })] }));
    expect(told).toMatchObject({ verdict: 'ok', receivers: ['shop'], fired: true, ownerHeard: true });
    expect(told).not.toHaveProperty('counterfactual');
    expect(told.notObserved).toContain(
      'Slow: evaluated by ruler loki, not here; what another `for` would have done is not known.',
    );
  });

  it('and that stayed silent is no rule that asks for what is not there', () => {
    const silent = played(game({ rules: [logs()] }));
    expect(silent.verdict).toBe('expr_never_true');
    expect(silent.text).toBe(
      'did not fire: its expression was never true for ruler loki; not evaluated here (its expression is not PromQL)',
    );
    expect(silent.notObserved).toContain('how near it came to firing is not known');
    expect(silent).not.toHaveProperty('change');
  });

  it('in PromQL, of series that this Prometheus lacks, says so instead of "the metric is missing"', () => {
    const elsewhere = rule({ ruler: 'ruler mimir' });
    expect(played(game({ rules: [elsewhere] })).text).toContain('this Prometheus has none of its series');
    expect(played(game({ rules: [elsewhere], value: () => 0.4 })).text).toContain('peaked at 0.4');
    expect(played(game({ rules: [rule()] })).text).toContain('the metric is missing');
  });

  it('may have fired while that evaluator did not answer, whatever Prometheus did', () => {
    const input = game({ rules: [logs()] });
    expect(played(input, { failures: [failure('ruler loki', 10, 100)] })).toMatchObject({
      verdict: 'not_observed',
      text: 'may have fired: ruler loki did not answer for 1 m 30 s of the game',
    });
    expect(played(input, { failures: [failure('prometheus', 10, 100)] }).verdict).toBe('expr_never_true');
  });

  it('is not missing while somebody did not tell the rules', () => {
    const bare = game({ rules: [rule({ name: 'Other', annotations: {} })] });
    expect(played(bare).verdict).toBe('no_rule');
    // One with the same playbook seems to be it, but only while all are known.
    const input = game({ rules: [rule({ name: 'Other' })] });
    expect(played(input).renamed?.rule).toBe('Other');
    const half = played({ ...input, rules: { ...input.rules!, silent: ['ruler mimir'] } });
    expect(half).toMatchObject({
      verdict: 'not_observed',
      text: 'has no rule that is known: ruler mimir listed none',
    });
    expect(half.notObserved).toContain('ruler mimir listed none');
  });

  it('and cannot be evaluated there, says where', () => {
    const broken = logs({ health: 'err', lastError: 'parse error' });
    expect(played(game({ rules: [broken] })).text).toBe(
      'has a rule that ruler loki cannot evaluate: parse error',
    );
  });
});

describe('who was told of an alert that another evaluator has', () => {
  const configured = { alertmanager: { configured: true, nowhere: [] } };
  const unheard = { alerts: [episode({ firing: 30 })] };

  it('is not known where the Alertmanager that is read never heard of it', () => {
    const one = played(game({ rules: [logs()], ...unheard }), configured);
    expect(one.verdict).toBe('ok');
    expect(one).not.toHaveProperty('ownerHeard');
    expect(played(game(unheard), configured).verdict).toBe('fired_unrouted');
  });

  it('is known of what Grafana manages, with an Alertmanager beside it or without, unless Grafana’s fails', () => {
    const input = game({ rules: [logs({ ruler: grafanaAlerting })], ...unheard });
    const none = { alertmanager: { configured: false, nowhere: [] } };
    expect(played(input, configured).verdict).toBe('fired_unrouted');
    expect(played(input, none).verdict).toBe('fired_unrouted');
    const failing = { ...configured, failures: [failure(managerOf(grafanaAlerting), 0, 300)] };
    expect(played(input, failing).verdict).toBe('ok');
    expect(played(input, failing).letter).toBe(
      played(game({ rules: [logs()], ...unheard }), configured).letter,
    );
  });

  it('names Grafana for a silence of its', () => {
    const held = episode({ firing: 30 }, { suppressed: { silencedBy: ['s1'], inhibitedBy: [] } });
    const silenced = (ruler: string) =>
      played(game({ rules: [logs({ ruler })], alerts: [held] }), configured).text;
    expect(silenced(grafanaAlerting)).toContain('Grafana (Alerting, Silences)');
    expect(silenced('ruler mimir')).toContain('amtool silence expire s1');
  });
});

describe('the links of an alert', () => {
  it.each<Record<string, string>>([
    { runbook_url: 'https://x.example/by-hand.md#slow' },
    { runbook: 'by-hand' },
    { runbookURL: 'https://x.example/by-hand/?a=b' },
    { playbook: 'playbooks/by-hand.yaml' },
  ])('%o is its runbook', (annotations) => {
    const { handling } = played(game({ rules: [rule({ annotations })] }));
    expect(handling.find(({ name }) => name === 'runbook')).toMatchObject({
      holds: true,
      seen: Object.values(annotations)[0],
    });
  });

  it.each<Record<string, string>>([
    { dashboard_url: 'https://g.example/d/till#panel' },
    { dashboard: 'https://g.example/d/till/shop?orgId=1' },
    { __dashboardUid__: 'till', __panelId__: '3' },
  ])('%o is its dashboard', (annotations) => {
    const input = game({ rules: [rule({ annotations })] });
    const dashboards = [{ uid: 'till', title: 'Till', model: { panels: [] } }];
    const { handling } = played({ ...input, dashboards });
    expect(handling.find(({ name }) => name === 'dashboard')).toMatchObject({ holds: true });
  });
});
