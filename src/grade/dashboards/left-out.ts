import type { RecordedQuery } from '../../signal/recorded-series.ts';
import { plural } from '../../words/number.ts';

/** Names that are told; the rest is counted. */
const named = 3;

/** What was not recorded and why, gathered: hundreds of panels have the same reason. Nothing of it is in a score. */
export function leftOut(queries: readonly RecordedQuery[]): { what: string; why: string }[] {
  const groups = new Map<string, { noun: string; why: string; names: Set<string> }>();
  for (const { kind, name, panel, outcome, why = outcome } of queries) {
    // What Prometheus refuses is a finding about a panel or a rule, and told there.
    if (outcome === 'recorded' || (outcome === 'refused' && kind !== 'stack')) continue;
    const noun = panel ? 'panel' : kind === 'stack' ? 'metric of the stack' : kind.replace(/-.*/, ' rule');
    const key = `${noun} ${why}`;
    const group = groups.get(key) ?? { noun, why, names: new Set() };
    group.names.add(panel ? `${panel.dashboard}/${panel.title}` : name);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ noun, why, names }) => {
    const told = [...names].slice(0, named);
    const rest = names.size - told.length;
    const list = told.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
    const [one, many] = noun.startsWith('metric') ? [noun, 'metrics of the stack'] : [noun, `${noun}s`];
    return { what: `${plural(names.size, one, many)} (${list})`, why };
  });
}
