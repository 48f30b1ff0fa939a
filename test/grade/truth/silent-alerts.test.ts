import type { GradeInput } from '../../../src/grade/input.ts';
import type { AlertEpisode } from '../../../src/log/alert-episodes.ts';
import type { RecordedQuery } from '../../../src/signal/recorded-series.ts';
import { episode, injected, playedByHand as played, rule } from '../game-by-hand.ts';
import { truthTable } from './truth.ts';

/** A counter of the stack by its recorded rates: each with its labels, there at these seconds. */
const recorded = (
  name: string,
  series: { labels: Record<string, string>; at?: number[] }[],
  scrape?: number,
): RecordedQuery => ({
  ...{ kind: 'stack', name, query: `rate({__name__="${name}"}[1m])`, outcome: 'recorded' },
  series: series.map(({ labels, at: seconds = [5] }) => ({
    labels,
    points: seconds.map((second): [number, number] => [injected + second, 1]),
  })),
  ...(scrape !== undefined && { scrape }),
});
/** A game of a rule with nothing to compare, and what else was recorded. */
const nothingFor = (query: string, ...queries: RecordedQuery[]): GradeInput => {
  const input = played({ rules: [rule({ query })] });
  return { ...input, series: { ...input.series!, queries: [...input.series!.queries, ...queries] } };
};
const shopErrors = recorded('errors_total', [
  { labels: { namespace: 'shop', app: 'checkout', code: '500' } },
  { labels: { namespace: 'shop', app: 'edge', code: '502' } },
]);

truthTable('why there was nothing to compare', [
  {
    title: 'its series do not have a label, and have one that is nearly called that',
    game: () => nothingFor('rate(errors_total{apps="checkout"}[5m]) > 1', shopErrors),
    says: [
      'no recorded series of errors_total has the label apps; the nearest is app',
      '+  expr: rate(errors_total{app="checkout"}[5m]) > 1',
    ],
  },
  {
    title: 'its series do not have a label, nor one like it',
    game: () => nothingFor('rate(errors_total{handler="/quote"}[5m]) > 1', shopErrors),
    says: ['no recorded series of errors_total has the label handler; there are app, code, namespace'],
    never: [/\+ {2}expr/],
  },
  {
    title: 'no series has the value, nor one like it',
    game: () => nothingFor('rate(errors_total{code=~"4.."}[5m]) > 1', shopErrors),
    says: ['no recorded series of errors_total has code=~"4.."; there are 500, 502'],
    never: [/\+ {2}expr/],
  },
  {
    title: 'a value that is near to another, and is none of its typos, is not proposed',
    game: () => nothingFor('rate(errors_total{code="501"}[5m]) > 1', shopErrors),
    says: ['no recorded series of errors_total has code="501"'],
    never: [/\+ {2}expr/],
  },
  {
    title: 'each of its labels is there, and no series has all of them',
    game: () => nothingFor('rate(errors_total{app="checkout", code="502"}[5m]) > 1', shopErrors),
    says: ['no recorded series of errors_total has all of app="checkout", code="502"'],
  },
  {
    title: 'of another namespace than the stack’s nothing was recorded, so nothing is said of it',
    game: () => nothingFor('rate(errors_total{namespace="pay"}[5m]) > 1', shopErrors),
    says: ['has no samples: the metric is missing, or its labels'],
    never: [/no recorded series/],
  },
  {
    title: 'its range is shorter than two scrapes',
    game: () =>
      nothingFor(
        'rate(errors_total{app="edge"}[1m]) > 1',
        recorded('errors_total', [{ labels: { app: 'edge' } }], 60),
      ),
    says: [
      'errors_total is scraped each 1m, so a range of 1m seldom holds the two samples that a rate needs; 4m would',
      '+  expr: rate(errors_total{app="edge"}[4m]) > 1',
    ],
  },
  {
    title: 'a range of two scrapes is not blamed',
    game: () =>
      nothingFor(
        'rate(errors_total{app="edge"}[2m]) > 1',
        recorded('errors_total', [{ labels: { app: 'edge' } }], 60),
      ),
    says: ['has no samples'],
    never: [/is scraped each/],
  },
  {
    title: 'its series ended before the failure began',
    game: () =>
      nothingFor(
        'queue_age_seconds{queue="orders"} > 60',
        recorded('queue_age_seconds', [{ labels: { queue: 'orders' }, at: [-90, -45] }]),
      ),
    says: ['the series of queue_age_seconds ended 45 s before the failure began'],
    aboutBefore: true,
  },
  {
    title: 'the reason is in a recording rule that it reads, which is not mended from here',
    game: () => {
      const input = nothingFor('shop:errors:rate5m > 1', shopErrors);
      const recording = [
        {
          ...{ name: 'shop:errors:rate5m', group: 'g', health: 'ok' as const },
          query: 'sum(rate(errors_total{app="chekout"}[5m]))',
        },
      ];
      return { ...input, rules: { ...input.rules!, recording } };
    },
    says: ['no recorded series of errors_total has app="chekout"; the nearest is app="checkout"'],
    never: [/\+ {2}expr/],
  },
]);

const ofPod = (pod: string, pending: number, over: number): AlertEpisode =>
  episode(
    { pending, over },
    { key: `Slow{pod="${pod}"}`, labels: { severity: 'critical', pod }, state: 'inactive' },
  );

truthTable('why an alert was pending only', [
  {
    title: 'its labels changed from pod to pod, and each began anew',
    game: () => played({ alerts: [ofPod('a', 10, 60), ofPod('b', 62, 110)] }),
    says: [
      'was pending for at most 50 s; `for` is 1m',
      'true for 1 m 40 s with 2 label sets that followed each other (pod changed)',
    ],
  },
  {
    title: 'two pods one after the other, with a long time between, are no such chain',
    game: () => played({ alerts: [ofPod('a', 10, 60), ofPod('b', 200, 240)] }),
    says: ['was pending for at most 50 s'],
    never: [/followed each other/],
  },
  {
    title: 'the failure was shorter than its `for`',
    game: () => played({ rules: [rule({ for: 900 })], alerts: [episode({ pending: 10, over: 300 })] }),
    says: [/`for` is 15m, and the failure lasted 5 m.*: it could not fire in this game/],
  },
]);
