/** One result of /api/v1/query or /api/v1/query_range, in a form that can be compared. */
export type Answer =
  | { type: string; series: Record<string, (readonly [number, number])[]>; order: string[] }
  | { error: string };

interface Reply {
  status: string;
  errorType?: string;
  error?: string;
  data?: { resultType: string; result: unknown };
}

type Point = [number, string];

/** From the JSON of a reply. Strings keep their text in place of a label set. */
export function answerOf(reply: Reply): Answer {
  if (reply.status !== 'success') return { error: reply.errorType ?? '' };
  const { resultType, result } = reply.data!;
  const number = (text: string) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));
  if (resultType === 'scalar' || resultType === 'string') {
    const [time, text] = result as Point;
    const key = resultType === 'string' ? text : '';
    return {
      type: resultType,
      series: { [key]: [[time, resultType === 'string' ? 0 : number(text)]] },
      order: [key],
    };
  }
  const list = result as { metric: Record<string, string>; value?: Point; values?: Point[] }[];
  const entries = list.map(({ metric, value, values }) => {
    const key = JSON.stringify(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
    return [key, (values ?? [value!]).map(([time, text]) => [time, number(text)] as const)] as const;
  });
  return { type: resultType, series: Object.fromEntries(entries), order: entries.map(([key]) => key) };
}

/** What differs, or undefined: values agree within 1e-9 of their size. */
export function difference(expected: Answer, got: Answer): string | undefined {
  if ('error' in expected || 'error' in got) {
    return JSON.stringify(expected) === JSON.stringify(got)
      ? undefined
      : `expected ${short(expected)}, got ${short(got)}`;
  }
  if (expected.type !== got.type) return `expected a ${expected.type}, got a ${got.type}`;
  const keys = new Set([...Object.keys(expected.series), ...Object.keys(got.series)]);
  for (const key of keys) {
    const [a, b] = [expected.series[key], got.series[key]];
    if (!a) return `unexpected series ${key}: ${JSON.stringify(b)}`;
    if (!b) return `missing series ${key}: ${JSON.stringify(a)}`;
    if (a.length !== b.length) return `${key}: expected ${a.length} points, got ${b.length}`;
    for (const [i, [time, value]] of a.entries()) {
      const [otherTime, otherValue] = b[i]!;
      if (time !== otherTime) return `${key}: expected a point at ${time}, got ${otherTime}`;
      if (!close(value, otherValue)) return `${key} at ${time}: expected ${value}, got ${otherValue}`;
    }
  }
  return undefined;
}

function close(a: number, b: number): boolean {
  if (Object.is(a, b) || a === b) return true;
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
}

function short(answer: Answer): string {
  return JSON.stringify(answer).slice(0, 300);
}
