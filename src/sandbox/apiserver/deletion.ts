/** What a DELETE does to an object: gone at once, or marked and held by a grace period or finalizers. */
import type { KubeObject } from '../api.ts';
import { clone } from './json.ts';
import type { ResourceDefinition } from './kinds/definition.ts';
import { timestamp } from './names.ts';
import { conflict } from './status.ts';

export interface DeleteOptions {
  uid?: string;
  resourceVersion?: string;
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  dryRun?: boolean;
}

export interface Deletion {
  object: KubeObject;
  /** False if the object is only marked. */
  removed: boolean;
}

/** Pure: the object's next state, and whether that is its last. `now` in ms. */
export function planDeletion(
  definition: ResourceDefinition,
  old: KubeObject,
  options: DeleteOptions,
  now: number,
): Deletion {
  checkPreconditions(definition, old, options);
  const object = clone(old) as KubeObject;
  const meta = object.metadata;
  addPropagationFinalizer(definition, object, options);
  const { gracePeriod, isHeld, mark } = definition.deletion ?? {};
  const grace = gracePeriod?.(object, options.gracePeriodSeconds) ?? 0;
  const held = (meta.finalizers?.length ?? 0) > 0 || isHeld?.(object);
  if (meta.deletionTimestamp) {
    // A second DELETE can only shorten the grace period, counted from the first.
    const before = meta.deletionGracePeriodSeconds ?? 0;
    if (grace < before) setGrace(object, grace, Date.parse(meta.deletionTimestamp) - before * 1000);
  }
  const removed = grace === 0 && !held;
  // What has a grace period is marked even if that is 0.
  if (!meta.deletionTimestamp && (gracePeriod || !removed)) {
    setGrace(object, grace, now);
    if (definition.counted || meta.generation) meta.generation = (meta.generation ?? 0) + 1;
  }
  mark?.(object);
  return { object, removed };
}

function setGrace(object: KubeObject, grace: number, now: number): void {
  object.metadata.deletionTimestamp = timestamp(now + grace * 1000);
  object.metadata.deletionGracePeriodSeconds = grace;
}

function checkPreconditions(definition: ResourceDefinition, old: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = old.metadata;
  const subject = { plural: definition.kind, group: definition.group };
  if (options.uid && options.uid !== uid) {
    throw conflict(
      subject,
      old.metadata.name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
    );
  }
  if (options.resourceVersion && options.resourceVersion !== resourceVersion) {
    throw conflict(
      subject,
      old.metadata.name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function addPropagationFinalizer(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
): void {
  const policy = options.propagationPolicy;
  if (!policy || definition.deletion?.plain) return;
  const others = (object.metadata.finalizers ?? []).filter(
    (finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion',
  );
  if (policy === 'Orphan') others.push('orphan');
  if (policy === 'Foreground') others.push('foregroundDeletion');
  if (others.length > 0) object.metadata.finalizers = others;
  else delete object.metadata.finalizers;
}
