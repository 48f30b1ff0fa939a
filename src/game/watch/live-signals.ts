import { leavesOf } from '../../check/leaves.ts';
import type { EventBody } from '../../log/events.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { RecordingRule } from '../../signal/series.ts';
import { unitOf } from '../../signal/unit.ts';

type Signals = Extract<EventBody, { type: 'game-created' }>['signals'];

/**
 * The lines drawn live: what the steady state measures, with its objective; and the owner's golden signals as far as
 * there are recording rules named `stack:service:signal`. What the oracle asks within bounds that exclude these is not to be as it was (a
 * till that stays closed): in the old ones it would be red when all is well.
 */
export function liveSignals(scenario: Scenario, recording: readonly RecordingRule[]): Signals {
  const wanted = leavesOf(scenario.oracle).flatMap(({ spec }) => (isBounded(spec) ? [spec] : []));
  const signals: Signals = scenario.steadyState.flatMap(({ promql, id, title }) => {
    if (!promql || wanted.some((other) => isElsewhere(promql, other))) return [];
    const { query, below, above, unit } = promql;
    const bounded = below !== undefined || above !== undefined;
    const objective = bounded ? { objective: { below, above } } : {};
    const name = id ?? query;
    return [{ id: name, title: title ?? name, unit: unit ?? unitOf(query), ...objective, query }];
  });
  const prefix = `${scenario.stack.name}:${scenario.owner}:`;
  for (const { pattern, title } of golden) {
    const rule = recording.find(
      ({ name }) => name.startsWith(prefix) && pattern.test(name.slice(prefix.length)),
    );
    if (!rule || signals.some(({ query }) => query === rule.name)) continue;
    signals.push({ id: rule.name, title, unit: unitOf(rule.name), query: rule.name });
  }
  return signals;
}

interface Bounded {
  query: string;
  below?: number;
  above?: number;
}

function isBounded(spec: unknown): spec is Bounded {
  return typeof spec === 'object' && spec !== null && 'query' in spec;
}

/** Whether what is right of one is wrong of the other: their bounds have nothing in common. */
function isElsewhere(one: Bounded, other: Bounded): boolean {
  const { above = Number.NEGATIVE_INFINITY, below = Number.POSITIVE_INFINITY } = one;
  const lowest = Math.max(above, other.above ?? Number.NEGATIVE_INFINITY);
  const highest = Math.min(below, other.below ?? Number.POSITIVE_INFINITY);
  return one.query === other.query && lowest >= highest;
}

/** The four golden signals by the words that recording rules use for them. */
const golden = [
  { pattern: /^(p9\d|latency)/, title: 'p95 latency' },
  { pattern: /^errors?(_ratio)?($|:)/, title: 'errors' },
  { pattern: /^requests?($|[:_])/, title: 'requests' },
  { pattern: /^saturation/, title: 'saturation' },
];
