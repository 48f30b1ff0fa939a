import type { Action, KubeRequest } from '../recorder/action.ts';
import type { OperationState } from './state.ts';

/**
 * Whether all that an action wrote was written to decoys: then it is no answer to what is wrong, whatever happened
 * after it. An object that a fault touched as well is none.
 */
export function isOnDecoys(action: Action, operations: readonly OperationState[] = []): boolean {
  const writes = action.requests.filter(({ verb, dryRun }) => writing.has(verb) && !dryRun);
  return writes.length > 0 && writes.every((request) => isOnDecoy(request, operations));
}

const writing = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

function isOnDecoy(request: KubeRequest, operations: readonly OperationState[]): boolean {
  const about = operations.filter(({ ref, status }) => status !== 'planned' && isAbout(request, ref));
  return about.length > 0 && about.every(({ role }) => role !== undefined);
}

function isAbout({ resource, namespace, name }: KubeRequest, ref: string): boolean {
  const [kind = '', ...place] = ref.split('/');
  const word = kind.split('.')[0]!;
  const plurals = [word, `${word}s`, `${word}es`, word.replace(/y$/, 'ies')];
  return plurals.includes(resource) && place.at(-1) === name && (place.length < 2 || place[0] === namespace);
}
