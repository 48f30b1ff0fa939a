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
}

export async function observe(target: Target, wish: Wish): Promise<Observed> {
  const query: Record<string, string> = { watch: 'true' };
  if (wish.from) query.resourceVersion = wish.from;
  if (wish.name) query.fieldSelector = `metadata.name=${wish.name}`;
  const headers = { Accept: 'application/json' };
  const watching = await startWatch(target, { method: 'GET', path: wish.path, query, headers });
  const met = await watching.until(() => {
    const last = watching.events.at(-1);
    if (!last) return false;
    return wish.done(last.object, last.type === 'DELETED' ? 404 : 200);
  }, target.patience);
  const reached = met || (await reachedElsewhere(target, wish));
  watching.stop();
  const states: State[] = [];
  for (const { type, object } of watching.events) {
    const state = stateOf(object, type, wish);
    if (JSON.stringify(state) !== JSON.stringify(states.at(-1))) states.push(state);
  }
  return { states, met: reached };
}

/** Conditions on a list, or on an object that is gone. */
async function reachedElsewhere(target: Target, wish: Wish): Promise<boolean> {
  const { body, status } = await getJson(target, wish.name ? `${wish.path}/${wish.name}` : wish.path);
  return wish.done(body, status);
}

function stateOf(object: unknown, type: string, wish: Wish): State {
  if (type === 'DELETED') {
    const name = readPath(object, 'metadata.name');
    return wish.name ? { $deleted: true } : { 'metadata.name': name, $deleted: true };
  }
  const state: State = {};
  for (const field of wish.fields) {
    const value = readPath(object, field);
    const isEmpty = value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
    if (!isEmpty) state[field] = value;
  }
  return state;
}

/**
 * Timing decides which middle states are seen: the last one must be there, and what both saw must come in the
 * recorded order.
 */
export function compareStates(expected: State[], actual: State[], bindings: Bindings): string | undefined {
  const last = expected.at(-1);
  const final = actual.at(-1);
  if (last && !(final && matches(last, final, bindings))) {
    return `expected the last state ${JSON.stringify(last)}, got ${JSON.stringify(final)}`;
  }
  return undefined;
}
