import type { ClusterObject } from '../cluster.ts';
import { isRecord } from './path.ts';

/** What the API server gives to an object and no client states. */
const serverMetadata = [
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
];

/** The object as a client would state it: no identity, no bookkeeping, no status. */
export function stated(object: ClusterObject): ClusterObject {
  const { status: _status, ...rest } = object;
  const metadata = Object.fromEntries(
    Object.entries(object.metadata).filter(([key]) => !serverMetadata.includes(key)),
  ) as ClusterObject['metadata'];
  return { ...rest, metadata };
}

const jobIdentity = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

/**
 * The object as it can be created again. Addresses and node ports of a Service stay; a Job loses the selector
 * and labels that carry its old UID, because the API server gives it new ones.
 */
export function recreatable(object: ClusterObject): ClusterObject {
  const copy = stated(object);
  const spec = copy.spec;
  if (copy.kind !== 'Job' || !isRecord(spec) || spec.manualSelector === true) return copy;
  const { selector: _selector, ...kept } = spec;
  return { ...withoutJobIdentity(copy), spec: { ...kept, template: withoutJobIdentity(spec.template) } };
}

function withoutJobIdentity<T>(value: T): T {
  if (!isRecord(value) || !isRecord(value.metadata) || !isRecord(value.metadata.labels)) return value;
  const labels = Object.fromEntries(
    Object.entries(value.metadata.labels).filter(([key]) => !jobIdentity.includes(key)),
  );
  return { ...value, metadata: { ...value.metadata, labels } };
}
