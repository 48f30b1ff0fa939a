import type { GradeInput } from '../../../src/grade/input.ts';
import type { RecordedSeries } from '../../../src/signal/recorded-series.ts';

/**
 * The same game as the second of two: the first lies `gap` seconds before it in the recording, and the quiet that it
 * began with before that. The gap holds what was measured right before the injection.
 */
export function playedAgain(input: GradeInput, gap = 32): GradeInput {
  const { series, state } = input;
  const injected = state.injectedAt;
  if (!series || injected === undefined) return input;
  const over = Math.max(
    state.restored?.at ?? state.ended?.at ?? state.at,
    ...state.alerts.map(({ inactiveAt }) => inactiveAt ?? 0),
  );
  const { step } = series;
  const length = Math.ceil((over - injected) / 1000 / step) * step + Math.ceil(gap / step) * step;
  const earlier = { game: 'the first', from: injected - length * 1000, until: over - length * 1000 };
  // What was before the first game lies as far before it as it did.
  const before = state.earlierGames.map(({ game, from, until }) => ({
    game,
    from: from - length * 1000,
    until: until - length * 1000,
  }));
  return {
    ...input,
    state: { ...state, earlierGames: [...before, earlier] },
    series: withItBefore(series, injected / 1000, length, Math.ceil(gap / step) * step),
  };
}

function withItBefore(series: RecordedSeries, injected: number, length: number, gap: number): RecordedSeries {
  const queries = series.queries.map((query) => ({
    ...query,
    series: query.series.map(({ labels, points }) => {
      const first = points
        .filter(([at]) => at - length < injected - gap)
        .map(([at, value]): [number, number] => [at - length, value]);
      return { labels, points: [...first, ...points.filter(([at]) => at >= injected - gap)] };
    }),
  }));
  return { ...series, start: series.start - length, queries };
}
