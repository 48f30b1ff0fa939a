import type { GameState } from '../log/state.ts';
import { matchesDeclaration, matchesStep } from '../playbook/match.ts';
import type { Match, Playbook, Step } from '../playbook/schema.ts';
import type { Action, KubeRequest } from '../recorder/action.ts';

/** What a responder did that a step can be recognised by: an action, or something declared. */
export type Deed =
  | { at: number; title: string; action: Action }
  | { at: number; title: string; declared: 'ack' | 'note' | 'diagnose' | 'resolve'; step?: string };

export type StepStatus =
  /** Done, after the steps that come before it. */
  | 'done'
  /** Done before a step that comes before it. */
  | 'early'
  | 'open'
  /** Open, and the time that the playbook gives it is over. */
  | 'overdue'
  /** Open for ever: what it is about was deleted. */
  | 'impossible'
  /** The game is over and it was not done. */
  | 'missing'
  /** Optional and not done. */
  | 'n/a'
  /** Nobody can tell: done by a person, without a note. */
  | 'not observable';

export interface StepState {
  id: string;
  status: StepStatus;
  /** When it was done, wall ms. */
  at?: number;
  /** What did it. */
  by?: string;
  /** The alternative of a group that did it. */
  branch?: string;
  /** Done, but after this many ms more than the playbook gives it. */
  lateMs?: number;
  /** Until when it should be done, wall ms. */
  due?: number;
}

/** The playbook as a checklist that fills: for the game master during the game, and for the grade after it. */
export function stepStates(playbook: Playbook, state: GameState, now = state.at): StepState[] {
  return checklist(playbook, deedsOf(state), {
    started: startOf(state),
    speed: state.game?.speed ?? 1,
    now,
    over: state.ended !== undefined,
  });
}

export interface ChecklistClock {
  /** When the first steps could begin: the page, else the injection. */
  started: number;
  speed: number;
  now: number;
  over: boolean;
}

/**
 * Walks the deeds in order. A deed does every step it matches: one dashboard may answer two questions. A step that was
 * done early and is done again in its place counts as done. More deeds never take anything away.
 */
export function checklist(playbook: Playbook, deeds: readonly Deed[], clock: ChecklistClock): StepState[] {
  const { steps } = playbook;
  const found = new Map<string, StepState>();
  for (const deed of deeds) {
    if (isHarmful(playbook, deed)) continue;
    for (const step of steps) {
      if (found.get(step.id)?.status === 'done') continue;
      const hit = hitOf(step, deed);
      if (!hit) continue;
      const ready = readyAt(step, steps, found, clock.started);
      const status = ready === undefined ? 'early' : 'done';
      // Who looks before there is anything to verify has looked, but verified nothing.
      if (status === 'early' && (found.has(step.id) || step.phase === 'verify')) continue;
      const due = dueOf(step, ready, clock.speed);
      const late = due === undefined ? 0 : deed.at - due;
      found.set(step.id, {
        id: step.id,
        status,
        at: deed.at,
        by: deed.title,
        ...hit,
        ...(late > 0 && { lateMs: late }),
      });
    }
  }
  const deleted = deletedObjects(deeds);
  return steps.map((step) => found.get(step.id) ?? undone(step, steps, found, deleted, clock));
}

/** Actions and declarations of a game from the injection to its end, in order of time. */
export function deedsOf(state: GameState): Deed[] {
  const from = state.injectedAt ?? Number.POSITIVE_INFINITY;
  const until = state.ended?.at ?? Number.POSITIVE_INFINITY;
  const declared = (kind: 'ack' | 'note' | 'diagnose' | 'resolve', made: { at: number }[]): Deed[] =>
    made.map(({ at }) => ({ at, title: `misfortune ${kind}`, declared: kind }));
  const deeds: Deed[] = [
    ...state.actions.map((action) => ({ at: action.at, title: action.title, action })),
    ...declared('ack', state.acknowledgements),
    ...state.notes.map(({ at, text, step }) => ({
      at,
      title: `misfortune note: ${text}`,
      declared: 'note' as const,
      ...(step !== undefined && { step }),
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

function hitOf(step: Step, deed: Deed): { branch?: string } | undefined {
  if ('declared' in deed && deed.step === step.id) return {};
  if (step.match && fits(step.match, deed)) return {};
  const branch = step.anyOf?.find(({ match }) => match && fits(match, deed));
  return branch && { branch: branch.id };
}

function fits(match: Match, deed: Deed): boolean {
  return 'action' in deed
    ? matchesStep(match, withoutMachinery(deed.action))
    : matchesDeclaration(match, deed.declared);
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

/** From when on a step is in its place; undefined while a step before it is not done. Early ones count as done. */
function readyAt(
  step: Step,
  steps: readonly Step[],
  found: ReadonlyMap<string, StepState>,
  started: number,
): number | undefined {
  let ready = started;
  for (const id of step.after) {
    const before = steps.find((one) => one.id === id);
    const done = found.get(id);
    if (done) ready = Math.max(ready, done.at ?? ready);
    else if (before && isDemanded(before)) return undefined;
  }
  return ready;
}

/** Whether others wait for it: an optional step, or one that nobody can see, holds nothing up. */
function isDemanded(step: Step): boolean {
  return !step.optional && step.kind === 'automatic';
}

function undone(
  step: Step,
  steps: readonly Step[],
  found: ReadonlyMap<string, StepState>,
  deleted: ReadonlySet<string>,
  clock: ChecklistClock,
): StepState {
  const { id } = step;
  if (step.kind === 'manual' && !step.match && !step.anyOf) return { id, status: 'not observable' };
  if (isAboutDeleted(step, deleted)) return { id, status: step.optional ? 'n/a' : 'impossible' };
  if (step.optional) return { id, status: clock.over ? 'n/a' : 'open' };
  if (clock.over) return { id, status: 'missing' };
  const due = dueOf(step, readyAt(step, steps, found, clock.started), clock.speed);
  if (due === undefined) return { id, status: 'open' };
  return { id, status: clock.now > due ? 'overdue' : 'open', due };
}

function dueOf({ within }: Step, ready: number | undefined, speed: number): number | undefined {
  return within === undefined || ready === undefined ? undefined : ready + within / speed;
}

function startOf(state: GameState): number {
  const injected = state.injectedAt ?? state.at;
  const told = state.alerts.map(({ notifiedAt }) => notifiedAt ?? Number.POSITIVE_INFINITY);
  const page = Math.min(...told.filter((at) => at >= injected));
  return Number.isFinite(page) ? page : injected;
}

/** Names of objects that were deleted and not made again. */
function deletedObjects(deeds: readonly Deed[]): Set<string> {
  const gone = new Set<string>();
  for (const deed of deeds) {
    if (!('action' in deed)) continue;
    for (const request of deed.action.requests) {
      if (request.status >= 400 || request.dryRun || request.subresource || !request.name) continue;
      if (request.verb === 'delete') gone.add(objectOf(request));
      else if (['create', 'update', 'patch'].includes(request.verb)) gone.delete(objectOf(request));
    }
  }
  return gone;
}

function objectOf({ resource, namespace = '', name = '' }: KubeRequest): string {
  return [resource, namespace, name].join('/');
}

/** A step that writes to one named object cannot be done any more when that object is gone. */
function isAboutDeleted(step: Step, deleted: ReadonlySet<string>): boolean {
  const refs = step.match?.kube?.ref;
  const writes = step.match?.kube?.verb?.some((verb) => ['patch', 'update', 'write'].includes(verb));
  if (!refs || !writes) return false;
  return refs.every((ref) => [...deleted].some((object) => sameObject(ref, object)));
}

function sameObject(ref: string, object: string): boolean {
  const [head = '', ...rest] = ref.split('/');
  const kind = head.split('.')[0] ?? '';
  const [resource = '', namespace, name] = object.split('/');
  const sameKind = [kind, `${kind}s`, `${kind}es`].includes(resource);
  return sameKind && rest.at(-1) === name && (rest.length < 2 || rest[0] === namespace);
}
