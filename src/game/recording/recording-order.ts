import type { GameState } from '../../log/state.ts';
import type { Playbook } from '../../playbook/schema.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { Rules } from './known-rules.ts';
import type { Wanted } from './wanted.ts';

interface Known {
  scenario: Scenario;
  playbook: Playbook;
  state: GameState;
  rules: Rules | undefined;
  /** Those of the stack. */
  namespaces: readonly string[];
}

/**
 * What a game asks first, because its budget may not reach for all: live signals and the alerts that matter, then
 * dashboards that are expected, then those that were opened or that an alert or the playbook leads to, then the stack's
 * metrics, then what names the stack, then the rest. Within a rank the order stays.
 */
export function inOrderOfNeed(wanted: readonly Wanted[], known: Known): Wanted[] {
  const rank = rankOf(known, wanted);
  return wanted
    .map((one) => ({ one, rank: rank(one) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ one }) => one);
}

function rankOf(
  { scenario, playbook, state, rules, namespaces }: Known,
  wanted: readonly Wanted[],
): (one: Wanted) => number {
  const { expected, acceptable } = scenario.alerts;
  const alerts = new Set([
    ...expected.flatMap(({ name, or }) => [name, ...or]),
    ...acceptable,
    ...state.alerts.map(({ name }) => name),
  ]);
  const panels = new Set(scenario.panels.expected.map(({ dashboard }) => dashboard));
  const leading = (rules?.alerting ?? []).filter(({ name }) => alerts.has(name));
  const linked = JSON.stringify([leading.map(({ annotations }) => annotations), playbook]);
  const opened = new Set(state.actions.flatMap(({ dashboard }) => dashboard?.uid ?? []));
  const stack = namespaces.map((name) => new RegExp(`["|(]${name}["|)]`));
  // A dashboard that names the stack once is about it as a whole.
  const ofStack = new Set(
    wanted
      .filter(({ query }) => stack.some((pattern) => pattern.test(query)))
      .map(({ query, panel }) => panel?.dashboard ?? query),
  );
  return ({ kind, name, query, panel }) => {
    if (kind === 'signal' || kind === 'alerts') return 0;
    if (kind === 'alert-rule' || kind === 'alert-value') {
      if (alerts.has(name)) return 1;
    } else if (panel) {
      if (panels.has(panel.dashboard)) return 2;
      if (opened.has(panel.dashboard) || isNamed(panel.dashboard, linked)) return 3;
    } else if (kind === 'stack') return 4;
    return ofStack.has(panel?.dashboard ?? query) ? 5 : 6;
  };
}

/** As the end of a link (/d/uid) or as a word of its own. */
function isNamed(uid: string, text: string): boolean {
  return text.includes(`/d/${uid}`) || text.includes(`"${uid}"`);
}
