import type { Plan } from '../../fault/plan.ts';
import type { Playbook, Step } from '../../playbook/schema.ts';
import type { Scenario } from '../../scenario/schema.ts';
import type { CaseKind } from './result.ts';

type Fix = Scenario['fixes'][number];
type WrongFix = Scenario['wrongFixes'][number];

/** One thing to prove, as data. */
export type Case = { kind: CaseKind; name: string } & (
  | { kind: 'playbook' }
  | { kind: 'nothing' }
  | { kind: 'fixes'; fix: Fix }
  | { kind: 'wrong-fixes'; fix: WrongFix }
  | { kind: 'left-out'; step: Step }
  | { kind: 'renamed'; params: Record<string, unknown> }
);

/** Everything to prove of a scenario and its playbook. */
export function casesOf(
  scenario: Scenario,
  playbook: Playbook,
  plan: Plan,
  only: readonly CaseKind[],
): Case[] {
  const mitigating = playbook.steps.filter(({ phase, kind, optional }) => {
    return phase === 'mitigate' && kind === 'automatic' && !optional;
  });
  const cases: Case[] = [
    { kind: 'playbook', name: playbook.name },
    ...scenario.fixes.map((fix) => ({ kind: 'fixes' as const, name: fix.name, fix })),
    ...scenario.wrongFixes.map((fix) => ({ kind: 'wrong-fixes' as const, name: fix.name, fix })),
    ...mitigating.map((step) => ({ kind: 'left-out' as const, name: step.id, step })),
    { kind: 'renamed', name: 'other names', params: otherNames(scenario, plan) },
    { kind: 'nothing', name: 'until the time-out' },
  ];
  return cases.filter(({ kind }) => only.includes(kind));
}

/**
 * Params that hold the name of an object which the scenario creates, with another name. Objects that are there already
 * belong to the stack and keep theirs.
 */
function otherNames({ params }: Scenario, plan: Plan): Record<string, unknown> {
  const created = new Set(
    plan.operations.flatMap((operation) =>
      operation.verb === 'create' ? [operation.object.metadata.name] : [],
    ),
  );
  const named = Object.entries(params).filter(([, value]) => typeof value === 'string' && created.has(value));
  return Object.fromEntries(named.map(([name, value]) => [name, `${String(value)}-b`]));
}
