import type { Playbook, Step } from '../../playbook/schema.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { CaseKind } from './result.ts';
import { type Route, routesOf, withoutRun } from './routes.ts';

type Fix = Scenario['fixes'][number];
type WrongFix = Scenario['wrongFixes'][number];

/** One thing to prove, as data. */
export type Case = { kind: CaseKind; name: string } & (
  | { kind: 'quiet' }
  | { kind: 'playbook'; route: Route; alerts: boolean }
  | { kind: 'giveaway' }
  | { kind: 'fixes'; fix: Fix }
  | { kind: 'renamed'; params: Record<string, unknown> }
  | { kind: 'wrong-fixes'; fix: WrongFix }
  | { kind: 'left-out'; step: Step }
  | { kind: 'nothing' }
  /** It cannot be played, and `skip` says why: shown, never passed over. */
  | { skip: string }
);

/** A case that is a game. */
export type PlayedCase = Exclude<Case, { skip: string } | { kind: 'quiet' }>;

/**
 * Everything to prove of a scenario and its playbook, in the order in which it is played: the healthy stack first, then what
 * is short, and what waits for an alert comes after games that were too short for it to fire.
 */
export function casesOf(scenario: Scenario, playbook: Playbook): Case[] {
  const { fixes, wrongFixes, renamed } = scenario;
  const mitigating = playbook.steps.filter(({ phase, kind, optional }) => {
    return phase === 'mitigate' && kind === 'automatic' && !optional;
  });
  return [
    { kind: 'quiet', name: 'thirty healthy minutes' },
    ...routesOf(playbook).map((route, index) => ({
      kind: 'playbook' as const,
      name: route.name,
      route,
      alerts: index === 0,
    })),
    ...withoutRun(playbook).map((name) => ({
      kind: 'playbook' as const,
      name,
      skip: 'it has no run line: it needs a person to follow it',
    })),
    { kind: 'giveaway', name: 'a single look' },
    ...fixes.map((fix) => ({ kind: 'fixes' as const, name: fix.name, fix })),
    renamedCase(renamed),
    ...wrongFixes.map((fix) => ({ kind: 'wrong-fixes' as const, name: fix.name, fix })),
    ...mitigating.map((step) => ({ kind: 'left-out' as const, name: step.id, step })),
    { kind: 'nothing', name: 'until the time-out' },
  ];
}

function renamedCase(renamed: Scenario['renamed']): Case {
  const names = Object.entries(renamed).map(([param, value]) => `${param}=${value}`);
  return names.length > 0
    ? { kind: 'renamed', name: names.join(', '), params: renamed }
    : {
        kind: 'renamed',
        name: 'other names',
        skip: 'the scenario names no others: `renamed: { param: another name }`',
      };
}
