import type { GradeInput } from '../../../src/grade/input.ts';
import type { AlertEpisode } from '../../../src/log/alert-episodes.ts';
import { episode, every5, injected, playedByHand as played, rule } from '../game-by-hand.ts';
import { truthTable } from './truth.ts';

const at = (seconds: number) => (injected + seconds) * 1000;
const fine = { pending: 10, firing: 70, told: 75, over: 305 };
const platform = (times: Parameters<typeof episode>[0]) => episode(times, { receivers: ['platform'] });
const silence = {
  at: at(71),
  id: '50927d85-1',
  createdBy: 'two',
  comment: 'planned work',
  startsAt: at(-3600),
  endsAt: at(3600),
  matchers: ['alertname="Slow"'],
};
const silenced = episode(
  { pending: 10, firing: 70 },
  { suppressed: { silencedBy: [silence.id], inhibitedBy: [] } },
);
const owned = (rest: Parameters<typeof rule>[0] = {}) =>
  rule({ labels: { severity: 'critical', owner: 'shop' }, ...rest });
const other = (times: Parameters<typeof episode>[0], rest: Partial<AlertEpisode> = {}) =>
  episode(times, { key: 'Noise{}', name: 'Noise', ...rest });

truthTable('what happened to an alert', [
  {
    title: 'case G13: a silence that was there before holds it back, and nobody is told',
    game: () => played({ alerts: [silenced] }, { silences: { [silence.id]: silence } }),
    says: [
      'silenced by two (“planned work”) until 2023-11-14 23:13:20 UTC',
      'amtool silence expire 50927d85-1',
      /at most D/,
    ],
    never: [/Alerts\s+[ABC]\b/],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'a silence of which nothing is known is told as that',
    game: () => played({ alerts: [silenced] }),
    says: ['silenced (by whom is not known)'],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'another alert inhibits it',
    game: () =>
      played({
        alerts: [episode({ firing: 70 }, { suppressed: { silencedBy: [], inhibitedBy: ['NodeDown'] } })],
      }),
    says: ['nobody was notified: inhibited by NodeDown'],
    never: [/silenced by/],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'a time interval mutes it',
    game: () =>
      played({
        alerts: [
          episode({ firing: 70 }, { suppressed: { silencedBy: [], inhibitedBy: [], mutedBy: ['nights'] } }),
        ],
      }),
    says: ['muted by the time interval nights'],
    never: [/inhibited|silenced by/],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'the wrong team is told',
    game: () => played({ alerts: [platform(fine)] }),
    says: ['notified platform, not its owner shop', /at most D/],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'the wrong team is told because of a slip in the label that the routes go by',
    game: () => {
      const slipped = rule({ labels: { severity: 'critical', owner: 'shpo' } });
      return played({ rules: [slipped], alerts: [platform(fine)] });
    },
    says: ['its label owner is shpo, not shop', '-    owner: shpo', '+    owner: shop'],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'its receiver leads nowhere',
    game: () => {
      const nowhere = { configured: true, nowhere: ['shop'] };
      return played({ alerts: [episode(fine)] }, { alertmanager: nowhere });
    },
    says: ['routed to shop, which has no integration: nobody was notified'],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'its severity calls nobody',
    game: () => played({ alerts: [episode(fine, { labels: { severity: 'info' } })] }),
    says: ['notified shop with severity info, for which nobody is paged'],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'somebody is told only after the game',
    game: () => played({ alerts: [episode({ pending: 10, firing: 70, told: 320 })] }),
    says: ['notified shop only after the game was over'],
    letters: { alerts: ['D', 'E'] },
  },
  {
    title: 'it is told after a silence is over: then its owner was told',
    game: () =>
      played({
        alerts: [episode(fine, { suppressed: { silencedBy: [silence.id], inhibitedBy: [] } })],
      }),
    says: ['1 of 1 expected fired', 'Slow fired 1 m 10 s after the first symptom'],
    never: [/silenced by/, /at most D/],
  },
  {
    title: 'it fires before an objective is seen missed, as nobody measured it until then',
    game: () => {
      const input = played(
        { alerts: [episode(fine)] },
        {
          signals: {
            speed: [
              [at(10), null],
              [at(100), 9],
            ],
          },
        },
      );
      const speed = { id: 'speed', title: 'Speed', unit: 's', query: 'speed', objective: { below: 1 } };
      const state = { ...input.state, game: { ...input.state.game!, signals: [speed] } };
      return { ...input, state };
    },
    says: ['Slow fired 30 s before the first symptom'],
    never: [/fired 0 s/, /fired late/],
    letters: { alerts: ['A'] },
  },
  {
    title: 'there is no Alertmanager: nobody says that it told no one',
    game: () =>
      played({ alerts: [episode({ firing: 70 })] }, { alertmanager: { configured: false, nowhere: [] } }),
    says: ['no Alertmanager is configured'],
    never: [/notified no receiver/, /at most D/],
  },
  {
    title: 'case G7: what began before the failure is background, and no time is negative',
    game: () =>
      played({
        alerts: [
          other({ firing: -0.4, over: 20 }, { background: true }),
          episode({ pending: 4, firing: 10, told: 10, over: 305 }),
        ],
      }),
    says: [
      'first expected alert fired 10 s',
      'Already firing before the failure, so not counted: Noise',
      'first expected alert firing (Slow)',
    ],
    never: [/alert fired [−-]/, /[−-]00:0|[−-]0\.\d s/],
    card: (card) => {
      for (const { at: moment } of card.response.times)
        if (moment !== undefined && moment < 0) throw new Error();
    },
  },
  {
    title: 'case G7: only another alert fires, and the head names it',
    game: () => played({ alerts: [other({ firing: 17, told: 18 })], value: () => 0.1 }),
    says: ['no expected alert fired (first other alert: Noise, 17 s)', 'Noise, not an expected one'],
    never: [/(?<!other )alert fired 17 s/],
  },
  {
    title: 'an alert that fires four times has four rows, and flaps',
    game: () =>
      played({
        alerts: [0, 60, 120, 180].map((from) =>
          episode({ firing: from + 10, told: from + 12, over: from + 40 }),
        ),
      }),
    says: [
      '4 times in all: it flaps',
      /\| 00:10 \| Slow/,
      /\| 01:10 \| Slow/,
      /\| 02:10 \| Slow/,
      /\| 03:10 \| Slow/,
    ],
  },
  {
    title: 'an expected alert that is always on announces nothing',
    game: () => played({ alerts: [episode({ firing: -200, told: -190 }, { background: true })] }),
    says: ['fired before the failure and until the end', '0 of 1 expected fired'],
    never: [/Slow fired \d/, /first expected alert fired/],
    letters: { alerts: 'E' },
  },
  {
    title: 'an expected alert that was on and went off is not judged',
    game: () => played({ alerts: [episode({ firing: -20, over: 30 }, { background: true })] }),
    says: ['was already firing when the failure began', 'No expected alert could be observed'],
    never: [/reset \d/],
    letters: { alerts: '—' },
  },
  {
    title: 'case G11: it ends because its series are gone, and nothing had recovered',
    game: () =>
      played({
        alerts: [episode({ pending: 10, firing: 20, told: 21, over: 60 })],
        value: (second) => (second < 10 ? 0.1 : second < 58 ? 2 : undefined),
        trueAt: every5(10, 55),
      }),
    says: ['ended: its series are gone; nothing had recovered'],
    never: [/\breset \d/, /^reset$/m],
    card: ({ alerts }) => {
      if (alerts.expected[0]?.resetMs !== undefined) throw new Error('a reset was measured');
    },
  },
  {
    title: 'it ends because nothing is left to count: its value is no number',
    game: () =>
      played({
        alerts: [episode({ pending: 10, firing: 20, told: 21, over: 60 })],
        value: (second) => (second < 10 ? 0.1 : second < 58 ? 2 : Number.NaN),
        trueAt: every5(10, 55),
      }),
    says: ['ended: nothing was left to measure; nothing had recovered'],
    never: [/\breset \d/, /^reset$/m],
    card: ({ alerts }) => {
      if (alerts.expected[0]?.resetMs !== undefined) throw new Error('a reset was measured');
    },
  },
  {
    title: 'it ends while its expression holds: its rule was taken away',
    game: () =>
      played({
        alerts: [episode({ pending: 10, firing: 20, told: 21, over: 60 })],
        value: (second) => (second < 10 ? 0.1 : 2),
        trueAt: every5(10, 300),
      }),
    says: ['ended although its expression still held'],
    never: [/its series are gone/],
  },
  {
    title: 'case G10: its rule has another name and the same expression',
    game: () => {
      const renamed = owned({ name: 'Sluggish', query: '(p95>0.5)' });
      const input = played({
        rules: [renamed],
        alerts: [episode(fine, { name: 'Sluggish', key: 'Sluggish{}' })],
      });
      return { ...input, rules: { ...input.rules!, known: [{ name: 'Slow', query: 'p95 > 0.5' }] } };
    },
    says: [
      'There is no rule Slow; Sluggish has the same expression, fired 1 m 10 s after the first symptom',
      'notified shop',
      '-    - name: Slow',
      '+    - name: Sluggish',
    ],
    never: [/no_rule/],
    letters: { alerts: ['A', 'B'] },
  },
  {
    title: 'case G10: the same expression with another threshold',
    game: () => {
      const input = played({ rules: [owned({ name: 'Sluggish', query: 'p95 > 2' })] });
      return { ...input, rules: { ...input.rules!, known: [{ name: 'Slow', query: 'p95 > 0.5' }] } };
    },
    says: ['There is no rule Slow; Sluggish has the same expression with another threshold'],
  },
  {
    title: 'no rule has its name, nor its expression',
    game: () => played({ rules: [rule({ name: 'Disk', query: 'disk > 0.9', annotations: {} })] }),
    says: ['Slow has no rule'],
    never: [/the same expression/],
    letters: { alerts: 'E' },
  },
  {
    title: 'case G10: its metric differs by a letter from one that is there',
    game: () => {
      const slipped = rule({ query: 'shop:egde:error_ratio_5m > 0.05' });
      const input = played({ rules: [slipped] });
      const recording = [{ name: 'shop:edge:error_ratio_5m', group: 'g', query: 'x', health: 'ok' as const }];
      return { ...input, rules: { alerting: [slipped], recording } };
    },
    says: [
      'no series has the name shop:egde:error_ratio_5m; the nearest is shop:edge:error_ratio_5m',
      '-  expr: shop:egde:error_ratio_5m > 0.05',
      '+  expr: shop:edge:error_ratio_5m > 0.05',
    ],
  },
  {
    title: 'a label in its expression has a value that nothing has',
    game: () => {
      const slipped = rule({ query: 'errors{app="chekout"} > 1' });
      const input = played({ rules: [slipped] });
      const labels = { app: 'checkout' };
      const seen = { kind: 'stack', name: 'errors', query: 'errors', outcome: 'recorded' } as const;
      const queries = [
        ...input.series!.queries,
        { ...seen, series: [{ labels, points: [[injected, 1]] as [number, number][] }] },
      ];
      return { ...input, series: { ...input.series!, queries } };
    },
    says: ['the nearest is app="checkout"', '+  expr: errors{app="checkout"} > 1'],
  },
]);

const quick = (rest: Parameters<typeof rule>[0]) => rule(rest);
const inQuiet = (second: number) => (second > 20 && second < 200 ? 2 : 0.1);

truthTable('what is proposed to an alert', [
  {
    title: 'case G14: one that never fired is proposed the longest `for` in time, once',
    game: () =>
      played({
        before: 1205,
        rules: [quick({ for: 900 })],
        trueAt: every5(5, 200),
        value: inQuiet,
        alerts: [episode({ pending: 5, over: 201 })],
      }),
    says: ['was pending for at most', '`for` is 15m', '-  for: 15m', '+  for: 1m'],
  },
  {
    title: 'case G14: with that `for` it is in time, and nothing is proposed',
    game: () =>
      played({
        rules: [quick({ for: 60 })],
        trueAt: every5(5, 200),
        value: inQuiet,
        alerts: [episode({ pending: 5, firing: 65, told: 66, over: 201 })],
      }),
    says: ['Slow fired 1 m 5 s after the first symptom'],
    never: [/\+ {2}for:/, /would have/],
    letters: { alerts: ['A', 'B'] },
  },
  {
    title: 'case G14: six seconds of quiet propose nothing',
    game: () => {
      const input = played({
        rules: [quick({ for: 900 })],
        trueAt: every5(5, 200),
        value: (second) => (second < -5 ? Number.NaN : inQuiet(second)),
        alerts: [episode({ pending: 5, over: 201 })],
      });
      return input;
    },
    says: ['only 5 s of quiet were recorded: too little to propose a value'],
    never: [/\+ {2}for:/, /not once in/],
  },
  {
    title: 'durations of documents stand as the document says them, with the speed beside',
    game: () =>
      played(
        {
          rules: [quick({ for: 180 })],
          trueAt: every5(5, 60),
          value: inQuiet,
          alerts: [episode({ pending: 5, over: 61 })],
        },
        {
          game: {
            speed: 5,
            game: 'x',
            cluster: 'c',
            player: 'p',
            signals: [],
          } as unknown as GradeInput['state']['game'],
        },
      ),
    says: ['`for` is 15m (3 m at speed 5)'],
    never: [/`for` is 3m/],
  },
  {
    title: 'where no `for` would have been in time, none is proposed',
    game: () =>
      played({
        rules: [quick({ for: 900 })],
        trueAt: every5(150, 290),
        value: inQuiet,
        alerts: [episode({ pending: 150, over: 291 })],
      }),
    says: ['was pending for at most'],
    never: [/\+ {2}for:/, /would have been in time/],
  },
]);

truthTable('what nothing was expected of', [
  {
    title: 'case G15: a scenario without alerts gives them no letter',
    game: () => {
      const input = played({ alerts: [other({ firing: 17, told: 18 })] });
      return { ...input, scenario: { ...input.scenario, alerts: { expected: [], acceptable: [] } } };
    },
    says: ['The scenario names no alerts: not graded'],
    letters: { alerts: '—' },
  },
]);
