/** What a DELETE does to an object: gone at once, or marked and held by a grace period or finalizers. */
import type { KubeObject } from '../api.ts';
import { clone } from './json.ts';
import { timestamp } from './names.ts';
import type { ResourceDefinition } from './registry/definition.ts';
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
  const grace = gracePeriod(definition, object, options);
  if (definition.kind === 'Namespace') {
    object.status = { ...object.status, phase: 'Terminating' };
  }
  const held =
    (meta.finalizers?.length ?? 0) > 0 ||
    (definition.kind === 'Namespace' && object.spec?.finalizers?.length);
  if (meta.deletionTimestamp) {
    // A second DELETE can only shorten the grace period, counted from the first.
    const before = meta.deletionGracePeriodSeconds ?? 0;
    if (grace < before) setGrace(object, grace, Date.parse(meta.deletionTimestamp) - before * 1000);
  }
  const removed = grace === 0 && !held;
  // What has a grace period is marked even if that is 0.
  if (!meta.deletionTimestamp && (definition.kind === 'Pod' || !removed)) {
    setGrace(object, grace, now);
    // A Namespace is only marked (registry/core/namespace/storage).
    if (definition.kind === 'Namespace') delete meta.deletionGracePeriodSeconds;
    if (definition.counted || meta.generation) meta.generation = (meta.generation ?? 0) + 1;
  }
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

/** Seconds in a hundred years. */
const LIFETIME = 3_155_760_000;

/** Seconds. Only Pods have one: those that run somewhere. */
function gracePeriod(definition: ResourceDefinition, object: KubeObject, options: DeleteOptions): number {
  if (definition.kind !== 'Pod') return 0;
  const finished = object.status?.phase === 'Succeeded' || object.status?.phase === 'Failed';
  if (!object.spec?.nodeName || finished) return 0;
  const seconds = options.gracePeriodSeconds ?? object.spec?.terminationGracePeriodSeconds ?? 30;
  // Less than nothing is one second (rest.BeforeDelete); more than a lifetime is no time that can be written.
  return seconds < 0 ? 1 : Math.min(seconds, LIFETIME);
}

function addPropagationFinalizer(
  definition: ResourceDefinition,
  object: KubeObject,
  options: DeleteOptions,
): void {
  const policy = options.propagationPolicy;
  if (!policy || definition.kind === 'Namespace') return;
  const others = (object.metadata.finalizers ?? []).filter(
    (finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion',
  );
  if (policy === 'Orphan') others.push('orphan');
  if (policy === 'Foreground') others.push('foregroundDeletion');
  if (others.length > 0) object.metadata.finalizers = others;
  else delete object.metadata.finalizers;
}
