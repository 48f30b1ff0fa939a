import type { GameState } from '../../log/state.ts';
import { commandEffect, isContrary } from '../../playbook/command-effect.ts';
import { matchesDeclaration, matchesStep } from '../../playbook/match.ts';
import type { Match, Playbook, Step } from '../../playbook/schema.ts';
import type { Action, KubeRequest } from '../../recorder/action.ts';
import { hasChanged } from '../../recorder/kube-proxy/request.ts';

/** What a responder did that a step can be recognised by: an action, or something declared. */
export type Deed = {
  at: number;
  title: string;
  /** Set where more than one took part: then each deed is told with its name. */
  who?: string;
} & ({ action: Action } | { declared: 'ack' | 'note' | 'diagnose' | 'resolve'; step?: string });

/** Everybody who did or declared something, in order of appearance; nobody's deeds past the recorder. */
export function peopleOf(state: GameState): string[] {
  const { actions, acknowledgements, notes, diagnoses, claims, hints } = state;
  const all = [...actions, ...acknowledgements, ...notes, ...diagnoses, ...claims, ...hints];
  const named = [...all].sort((a, b) => a.at - b.at).map(({ who }) => who);
  return [...new Set(named)].filter((who) => who !== 'unknown');
}

/** Whose it is, where that has to be said. */
export function byWhom(state: GameState): (who: string) => { who?: string } {
  const several = peopleOf(state).length > 1;
  return (who) => (several ? { who } : {});
}

/** Actions and declarations of a game from the injection to its end, in order of time. */
export function deedsOf(state: GameState): Deed[] {
  const from = state.injectedAt ?? Number.POSITIVE_INFINITY;
  const until = state.ended?.at ?? Number.POSITIVE_INFINITY;
  const named = byWhom(state);
  const declared = (
    kind: 'ack' | 'note' | 'diagnose' | 'resolve',
    made: readonly { at: number; who: string }[],
  ): Deed[] =>
    made.map(({ at, who }) => ({ at, title: `misfortune ${kind}`, declared: kind, ...named(who) }));
  const deeds: Deed[] = [
    ...state.actions.map((action) => ({
      ...{ at: action.at, title: action.title, action },
      ...named(action.who),
    })),
    ...declared('ack', state.acknowledgements),
    ...state.notes.map(({ at, who, text, step }) => ({
      at,
      title: `misfortune note: ${text}`,
      declared: 'note' as const,
      ...(step !== undefined && { step }),
      ...named(who),
    })),
    ...declared('diagnose', state.diagnoses),
    ...declared('resolve', state.claims),
  ];
  return deeds.filter(({ at }) => at >= from && at <= until).sort((a, b) => a.at - b.at);
}

/** Harm wins over any step that the same action would do. */
export function isHarmful(playbook: Playbook, deed: Deed): boolean {
  return 'action' in deed && playbook.harmful.some(({ match }) => matchesStep(match, deed.action));
}

export function matchesAnyStep({ steps }: Playbook, deed: Deed): boolean {
  return steps.some((step) => hitOf(step, deed) !== undefined);
}

export function isWriteDeed(deed: Deed): deed is Deed & { action: Action } {
  return 'action' in deed && deed.action.effect === 'mutate';
}

/** Whether a deed does a step, and by which branch. */
export function hitOf(step: Step, deed: Deed): { branch?: string } | undefined {
  if ('declared' in deed && deed.step === step.id) return {};
  if (step.match && fits(step.match, step.run, deed)) return {};
  const branch = step.anyOf?.find(({ match, run }) => match && fits(match, run, deed));
  return branch && { branch: branch.id };
}

/** The run line tells the direction: who scales the other way does not do it, although verb and object fit. */
function fits(match: Match, run: readonly string[] | undefined, deed: Deed): boolean {
  if (!('action' in deed)) return matchesDeclaration(match, deed.declared);
  const action = withoutMachinery(deed.action);
  if (!matchesStep(match, action)) return false;
  const effects = (run ?? []).flatMap((line) => commandEffect(line) ?? []);
  return !action.requests.some((request) => effects.some((effect) => isContrary(effect, request)));
}

/**
 * What a command reads in order to write (`rollout restart` gets what it patches) is no look at it. `kubectl edit` shows
 * it in an editor: that is one.
 */
function withoutMachinery(action: Action): Action {
  const isEdit = action.requests.some(({ fieldManager }) => fieldManager === 'kubectl-edit');
  if (action.effect !== 'mutate' || isEdit) return action;
  const written = action.requests.filter(({ verb }) => !['get', 'list', 'watch'].includes(verb));
  return { ...action, requests: written };
}

/** The writes of an action that were carried out. */
export function writesOf({ requests }: Action): KubeRequest[] {
  return requests.filter(
    (request) =>
      ['create', 'update', 'patch', 'delete', 'deletecollection'].includes(request.verb) &&
      !request.dryRun &&
      hasChanged(request),
  );
}

/** Which object a request is about, as one word. */
export function objectOf({ resource, namespace = '', name = '' }: KubeRequest): string {
  return [resource, namespace, name].join('/');
}
