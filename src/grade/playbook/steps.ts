import type { GameState } from '../../log/state.ts';
import type { Match, Playbook, Step } from '../../playbook/schema.ts';
import { type Deed, deedsOf, hitOf, isHarmful, isWriteDeed, objectOf } from './deeds.ts';
import { brokenAt, heldAt, noHistory, type OracleHistory, oracleHistory, takesBack } from './undoing.ts';

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
  /** Nobody can tell: done by a person, without a note; or looked at where the recorder was not. */
  | 'not observable';

export interface StepState {
  id: string;
  status: StepStatus;
  /** When it was done, wall ms. */
  at?: number;
  /** What did it, and who, where several took part. */
  by?: string;
  who?: string;
  /** The alternative of a group that did it. */
  branch?: string;
  /** Done, but after this many ms more than the playbook gives it. */
  lateMs?: number;
  /** Until when it should be done, wall ms. */
  due?: number;
  /** It was done before, and undone by these. */
  undone?: UndoneBy[];
}

export interface UndoneBy {
  /** Wall ms. */
  at: number;
  by: string;
  who?: string;
}

/** A deed that took steps back. */
export interface Undoing {
  deed: Deed;
  steps: string[];
}

/** The playbook as a checklist that fills: for the game master during the game, and for the grade after it. */
export function stepStates(playbook: Playbook, state: GameState, now = state.at): StepState[] {
  return walk(playbook, deedsOf(state), clockOf(state, now)).states;
}

/** The same, with what was undone in between. */
export function stepsAndUndoings(
  playbook: Playbook,
  state: GameState,
  deeds: readonly Deed[],
): { states: StepState[]; undoings: Undoing[] } {
  return walk(playbook, deeds, clockOf(state, state.at));
}

function clockOf(state: GameState, now: number): ChecklistClock {
  return {
    started: startOf(state),
    speed: state.game?.speed ?? 1,
    now,
    over: state.ended !== undefined,
    oracle: oracleHistory(state),
    isMitigated: state.ended?.ending === 'mitigated',
    isBypassed: bypassesOf(state).length > 0,
  };
}

export interface ChecklistClock {
  /** When the first steps could begin: the page, else the injection. */
  started: number;
  speed: number;
  now: number;
  over: boolean;
  oracle?: OracleHistory;
  isMitigated?: boolean;
  /** Somebody worked past the recorder: what they looked at there nobody saw. */
  isBypassed?: boolean;
}

/** Writes of people that passed by the recorder. What a pipeline or a controller wrote tells nothing of looks. */
export function bypassesOf({ actions, ended }: GameState): GameState['actions'] {
  const until = ended?.at ?? Number.POSITIVE_INFINITY;
  return actions.filter(
    ({ surface, at, requests }) =>
      surface === 'cluster' &&
      at <= until &&
      !requests.some(({ fieldManager = '' }) => machine.test(fieldManager)),
  );
}

const machine = /controller|operator|argo|flux|autoscaler|kube-scheduler|kubelet/i;

/**
 * Walks the deeds in order. A deed does every step it matches: one dashboard may answer two questions. A step that was
 * done early and is done again in its place counts as done. A deed that takes back what did a step, or after which the
 * service fails again, opens it again.
 */
export function checklist(playbook: Playbook, deeds: readonly Deed[], clock: ChecklistClock): StepState[] {
  return walk(playbook, deeds, clock).states;
}

function walk(
  playbook: Playbook,
  deeds: readonly Deed[],
  clock: ChecklistClock,
): { states: StepState[]; undoings: Undoing[] } {
  const { steps } = playbook;
  const { oracle = noHistory } = clock;
  const found = new Map<string, StepState>();
  const doneBy = new Map<string, Deed>();
  const opened = new Map<string, { was: StepState; deed: Deed; by: Deed }>();
  const undoings: Undoing[] = [];
  const writes = deeds.filter(isWriteDeed);
  for (const deed of deeds) {
    const next = isWriteDeed(deed) ? writes[writes.indexOf(deed) + 1] : undefined;
    const taken = isWriteDeed(deed)
      ? steps.filter((step) => isTakenBack(step, deed, next, found, doneBy, oracle)).map(({ id }) => id)
      : [];
    if (taken.length > 0) {
      undoings.push({ deed, steps: taken });
      for (const id of taken) reopen(id, deed);
      // What verified it verified something else.
      for (const { id, phase } of steps) if (phase === 'verify' && found.has(id)) reopen(id, deed);
      continue;
    }
    putBack(deed);
    if (isHarmful(playbook, deed)) continue;
    for (const step of steps) {
      const before = found.get(step.id);
      if (before?.status === 'done' && !isSuperseded(step, before, deed, oracle)) continue;
      const hit = hitOf(step, deed);
      if (!hit) continue;
      const ready = readyAt(step, steps, found, clock.started);
      const status = ready === undefined ? 'early' : 'done';
      // Who looks before there is anything to verify has looked, but verified nothing.
      if (status === 'early' && (before || step.phase === 'verify')) continue;
      const due = dueOf(step, ready, clock.speed);
      const late = due === undefined ? 0 : deed.at - due;
      const undone = undoneBy(step.id);
      doneBy.set(step.id, deed);
      opened.delete(step.id);
      found.set(step.id, {
        id: step.id,
        status,
        at: deed.at,
        by: deed.title,
        ...(deed.who !== undefined && { who: deed.who }),
        ...hit,
        ...(late > 0 && { lateMs: late }),
        ...(undone.length > 0 && { undone }),
      });
    }
  }
  if (clock.isMitigated) for (const { was, deed } of opened.values()) restore(was, deed);
  const deleted = deletedObjects(deeds);
  const states = steps.map((step) => {
    const undone = undoneBy(step.id);
    const state = found.get(step.id) ?? undoneState(step, steps, found, deleted, clock);
    return undone.length > 0 ? { ...state, undone } : state;
  });
  return { states, undoings };

  function reopen(id: string, by: Deed): void {
    const was = found.get(id);
    const deed = doneBy.get(id);
    if (!was || !deed) return;
    opened.set(id, { was, deed, by });
    found.delete(id);
    doneBy.delete(id);
  }

  /** Who takes back what had taken steps back has those done as they were; verifying is to be done again. */
  function putBack(deed: Deed): void {
    if (!isWriteDeed(deed)) return;
    for (const { was, deed: did, by } of [...opened.values()]) {
      const isMitigating = steps.find(({ id }) => id === was.id)?.phase !== 'verify';
      if (isMitigating && isWriteDeed(by) && takesBack(deed.action, by.action)) restore(was, did, deed.at);
    }
  }

  function restore(was: StepState, deed: Deed, at = was.at): void {
    if (steps.find(({ id }) => id === was.id)?.phase === 'verify') return;
    found.set(was.id, { ...was, ...(at !== undefined && { at }) });
    doneBy.set(was.id, deed);
    opened.delete(was.id);
  }

  function undoneBy(id: string): UndoneBy[] {
    return undoings
      .filter((one) => one.steps.includes(id))
      .map(({ deed: { at, title, who } }) => ({ at, by: title, ...(who !== undefined && { who }) }));
  }
}

/** A write that undoes what did a step: by its values, unless the service goes on all the same; or by what the oracle says. */
function isTakenBack(
  step: Step,
  deed: Deed,
  next: Deed | undefined,
  found: ReadonlyMap<string, StepState>,
  doneBy: ReadonlyMap<string, Deed>,
  oracle: OracleHistory,
): boolean {
  const did = doneBy.get(step.id);
  if (!did || !found.has(step.id) || !isWriteDeed(deed) || !isWriteDeed(did)) return false;
  const broke = brokenAt(deed, next, oracle) !== undefined;
  if (broke && step.phase === 'mitigate') return true;
  if (!takesBack(deed.action, did.action)) return false;
  return broke || heldAt(oracle, deed.at) !== true;
}

/** A mitigating step is named after what helped: done once more, long after a first time that had not. */
function isSuperseded(step: Step, before: StepState, deed: Deed, oracle: OracleHistory): boolean {
  if (step.phase !== 'mitigate' || !isWriteDeed(deed) || oracle.turns.length === 0) return false;
  const since = before.at ?? deed.at;
  const stayedRed =
    heldAt(oracle, deed.at) === false &&
    !oracle.turns.some(({ at, holds }) => holds && at > since && at <= deed.at);
  return stayedRed && deed.at - since > oracle.settleMs / 2;
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

function undoneState(
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
  if (clock.over) return { id, status: clock.isBypassed && isLook(step) ? 'not observable' : 'missing' };
  const due = dueOf(step, readyAt(step, steps, found, clock.started), clock.speed);
  if (due === undefined) return { id, status: 'open' };
  return { id, status: clock.now > due ? 'overdue' : 'open', due };
}

/** Whether a step is done by looking at something, and so can be done where nobody sees it. */
function isLook(step: Step): boolean {
  const matches = step.anyOf?.map(({ match }) => match) ?? [step.match];
  return matches.every((match) => match !== undefined && isLookMatch(match));
}

const looking: ReadonlySet<string> = new Set(['get', 'list', 'watch', 'read', 'connect']);

function isLookMatch({ all, any, kube, declared }: Match): boolean {
  if (declared) return false;
  if (kube && !(kube.verb ?? ['write']).every((verb) => looking.has(verb))) return false;
  return [...(all ?? []), ...(any ?? [])].every(isLookMatch);
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
