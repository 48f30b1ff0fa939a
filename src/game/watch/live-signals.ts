import type { EventBody } from '../../log/events.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { RecordingRule } from '../../signal/series.ts';
import { unitOf } from '../../signal/unit.ts';

type Signals = Extract<EventBody, { type: 'game-created' }>['signals'];

/**
 * The lines drawn live: what the steady state measures, with its objective; and the owner's golden signals as far as
 * there are recording rules named `stack:service:signal`.
 */
export function liveSignals(scenario: Scenario, recording: readonly RecordingRule[]): Signals {
  const signals: Signals = scenario.steadyState.flatMap(({ promql, id, title }) => {
    if (!promql) return [];
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

/** The four golden signals by the words that recording rules use for them. */
const golden = [
  { pattern: /^(p9\d|latency)/, title: 'p95 latency' },
  { pattern: /^errors?(_ratio)?($|:)/, title: 'errors' },
  { pattern: /^requests?($|[:_])/, title: 'requests' },
  { pattern: /^saturation/, title: 'saturation' },
];
