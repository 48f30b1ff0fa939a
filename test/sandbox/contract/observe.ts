/** The states that objects go through, cut down to some fields, as a watch shows them. */

import { matches } from './compare.ts';
import { readPath } from './paths.ts';
import type { Bindings } from './placeholders.ts';
import { getJson, type Target } from './target.ts';
import { startWatch } from './watching.ts';

export type State = Record<string, unknown>;

export interface Observed {
  states: State[];
  met: boolean;
}

interface Wish {
  path: string;
  /** Absent: every object under the path. */
  name?: string;
  fields: string[];
  /** The version to look back to. */
  from?: string;
  done(object: unknown, status: number): boolean;
  /** True for the state that was recorded last: an earlier one may meet the condition, too. */
  last(state: State): boolean;
}

/** For the last state after the condition was met first. */
const AFTERWARDS_SECONDS = 5;

export async function observe(target: Target, wish: Wish): Promise<Observed> {
  const query: Record<string, string> = { watch: 'true' };
  if (wish.from) query.resourceVersion = wish.from;
  if (wish.name) query.fieldSelector = `metadata.name=${wish.name}`;
  const headers = { Accept: 'application/json' };
  const watching = await startWatch(target, { method: 'GET', path: wish.path, query, headers });
  const states: State[] = [];
  let read = 0;
  let met = false;
  let ended = false;
  // Events may come many at once: the one that ends it need not be the last.
  const ends = () => {
    while (!ended && read < watching.events.length) {
      const { type, object } = watching.events[read++]!;
      const state = stateOf(object, type, wish);
      if (JSON.stringify(state) !== JSON.stringify(states.at(-1))) states.push(state);
      const fits = wish.done(object, type === 'DELETED' ? 404 : 200);
      met ||= fits;
      ended = fits && wish.last(state);
    }
    return ended;
  };
  if (!(await watching.until(() => ends() || met, target.patience)))
    met = await reachedElsewhere(target, wish);
  if (met) await watching.until(ends, AFTERWARDS_SECONDS);
  watching.stop();
  return { states, met };
}

/** Conditions on a list, or on an object that is gone. */
async function reachedElsewhere(target: Target, wish: Wish): Promise<boolean> {
  const { body, status } = await getJson(target, wish.name ? `${wish.path}/${wish.name}` : wish.path);
  return wish.done(body, status);
}

function stateOf(object: unknown, type: string, wish: Wish): State {
  const state: State = {};
  for (const field of wish.fields) {
    const value = readPath(object, field);
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) state[field] = value;
  }
  if (type === 'DELETED') state.$deleted = true;
  return state;
}

/** How many pods are on their way out depends on how fast they end. */
const timing = ['status.terminatingReplicas'];

/**
 * Timing decides which middle states are seen. The last one must be there, and texts must be
 * recorded ones and appear for the first time in the recorded order.
 */
export function compareStates(expected: State[], actual: State[], bindings: Bindings): string | undefined {
  const last = expected.at(-1);
  const final = actual.at(-1);
  if (last && !(final && isAlike(last, final, bindings))) {
    return `expected the last state ${JSON.stringify(last)}, got ${JSON.stringify(final)}`;
  }
  for (const name of new Set(expected.map((state) => state['metadata.name']))) {
    const own = (state: State) => name === undefined || matches(name, state['metadata.name'], bindings);
    const failure = orderFailure(
      expected.filter((state) => state['metadata.name'] === name),
      sinceFirst(expected[0]!, actual.filter(own), bindings),
      bindings,
    );
    if (failure) return failure;
  }
  return undefined;
}

/** A recording may begin later than ours. */
function sinceFirst(first: State, actual: State[], bindings: Bindings): State[] {
  const start = actual.findIndex((state) => isAlike(first, state, new Map(bindings)));
  return actual.slice(Math.max(start, 0));
}

/** Binds placeholders if it holds. */
export function isAlike(expected: State, actual: State, bindings: Bindings): boolean {
  const rest = Object.fromEntries(Object.entries(expected).filter(([field]) => !timing.includes(field)));
  return matches(rest, actual, bindings);
}

function orderFailure(expected: State[], actual: State[], bindings: Bindings): string | undefined {
  const fields = new Set(expected.flatMap((state) => Object.keys(state)));
  for (const field of fields) {
    const wanted = appearances(expected, field);
    if (!wanted.every((value) => typeof value === 'string')) continue;
    let at = 0;
    for (const value of appearances(actual, field)) {
      const next = wanted.findIndex((other, index) => index >= at && matches(other, value, bindings));
      if (next < 0) {
        return `expected ${field} to be ${JSON.stringify(wanted)} in this order, saw ${JSON.stringify(appearances(actual, field))}`;
      }
      at = next;
    }
  }
  return undefined;
}

/** The values of a field, each once, in the order of their first appearance. */
function appearances(states: State[], field: string): unknown[] {
  const values = states.flatMap((state) =>
    state[field] === undefined ? [] : [JSON.stringify(state[field])],
  );
  return [...new Set(values)].map((value) => JSON.parse(value));
}
