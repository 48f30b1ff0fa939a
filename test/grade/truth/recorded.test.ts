import { shippedRules } from '../../../src/grade/alerts/shipped-rules.ts';
import type { GradeInput } from '../../../src/grade/input.ts';
import { playedAgain } from './played-again.ts';
import { recordedGame, truthTable } from './truth.ts';

const haymaker = () => recordedGame('haymaker-mitigated');

/** The game as if the rule had been called otherwise. */
function renamed(input: GradeInput, from: string, to: string): GradeInput {
  const known = shippedRules(input.scenario.stack.name).filter(({ name }) => name === from);
  const name = (one: string) => (one === from ? to : one);
  const alerts = input.state.alerts.map((one) => ({ ...one, name: name(one.name) }));
  const alerting = input.rules!.alerting.map((one) => ({ ...one, name: name(one.name) }));
  const queries = input.series!.queries.map((one) => ({ ...one, name: name(one.name) }));
  return {
    ...input,
    state: { ...input.state, alerts },
    rules: { ...input.rules!, alerting, known },
    series: { ...input.series!, queries },
  };
}

truthTable('recorded games', [
  {
    title: 'haymaker by the playbook',
    game: haymaker,
    says: ['1 of 1 expected fired', '2 of 2 expected panels showed it', 'opened, and showed it: '],
    never: [/dead end/, /\bhelped\b/],
    letters: { alerts: 'A', dashboards: ['A', 'B'] },
  },
  {
    title: 'case G1: haymaker 32 s after another haymaker',
    game: async () => playedAgain(await haymaker()),
    says: ['1 of 1 expected fired', '2 of 2 expected panels showed it'],
    never: [/stayed at|hardly moved|did not show it/, /dead end/, /in quiet times\.$/m],
    letters: { alerts: 'A', dashboards: ['A', 'B'] },
  },
  {
    title: 'case G1: with nothing but the earlier game before it, panels are not observed and cost nothing',
    game: async () => {
      const input = await haymaker();
      const { injectedAt = 0 } = input.state;
      const all = { game: 'the first', from: 0, until: injectedAt - 20_000 };
      return { ...input, state: { ...input.state, earlierGames: [all] } };
    },
    says: [/No expected panel could be observed/, /samples before it are not of an earlier game/],
    never: [/stayed at|hardly moved|did not show it/, /dead end/, /0 of 2 expected/],
    letters: { alerts: 'A', dashboards: '—' },
    aboutBefore: true,
  },
  {
    title: 'case G1: a young Prometheus had twenty samples before the first game, and they do for the second',
    game: async () => {
      const input = await haymaker();
      const since = input.state.injectedAt! / 1000 - 20;
      const queries = input.series!.queries.map((query) => ({
        ...query,
        series: query.series.map((one) => ({ ...one, points: one.points.filter(([at]) => at >= since) })),
      }));
      return playedAgain({ ...input, series: { ...input.series!, queries } }, 1);
    },
    says: ['2 of 2 expected panels showed it'],
    never: [/stayed at|hardly moved|did not show it/, /dead end/, /not of an earlier game/],
    letters: { alerts: 'A', dashboards: ['A', 'B'] },
    aboutBefore: true,
  },
  {
    title: 'case G10: the rule of haymaker under another name',
    game: async () => renamed(await haymaker(), 'CheckoutLatencyHigh', 'CheckoutSlow'),
    says: [
      'There is no rule CheckoutLatencyHigh; CheckoutSlow has the same expression, fired',
      'and notified checkout',
    ],
    never: [/no_rule/],
    letters: { alerts: 'A' },
  },
  {
    title: 'case G15: haymaker without expected panels',
    game: async () => {
      const input = await haymaker();
      return { ...input, scenario: { ...input.scenario, panels: { expected: [] } } };
    },
    says: ['The scenario names no panels: not graded'],
    never: [/Dashboards\s+[A-E]\b/],
    letters: { alerts: 'A', dashboards: '—' },
  },
  {
    title: 'case G6: two queries of panels had no answer in time',
    game: async () => {
      const input = await haymaker();
      const queries = input.series!.queries.map((query) =>
        query.panel?.dashboard === 'edge'
          ? { ...query, series: [], outcome: 'no answer' as const, why: 'gave no answer within 10 s' }
          : query,
      );
      return { ...input, series: { ...input.series!, queries } };
    },
    says: ['2 of 2 expected panels showed it'],
    never: [/edge\/.* cannot be drawn/, /edge was opened and none/],
    letters: { alerts: 'A', dashboards: ['A', 'B'] },
  },
  {
    title: 'case G12: two alerts acknowledged with one key are one row',
    game: async () => {
      const input = await haymaker();
      const { injectedAt = 0 } = input.state;
      const press = (alert: string) => ({ at: injectedAt + 31_000, who: 'one', alert });
      const acknowledgements = [press('CheckoutLatencyHigh'), press('CheckoutSaturated')];
      return { ...input, state: { ...input.state, acknowledgements } };
    },
    says: ['acknowledged 2 alerts: CheckoutLatencyHigh, CheckoutSaturated (one)'],
  },
  {
    title: 'broken-upstream by the playbook, the misleading dashboard first',
    game: () => recordedGame('broken-upstream-mitigated'),
    says: ['shop-overview was opened and none of its'],
  },
  {
    title: 'haymaker played badly: checkout scaled to zero',
    game: () => recordedGame('haymaker-badly'),
    says: ['1 of 1 expected fired'],
    never: [/\bhelped\b/],
  },
]);
