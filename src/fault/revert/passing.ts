import { isRecord } from '../../cluster/fields/path.ts';

/**
 * Marks that pass: of which rollout an object is, and that somebody restarted it. Putting them back would only
 * roll the pods out once more. Each is on the reviewed list of src/fault/compare/ignored.ts too.
 */
const passingAnnotations = [
  'deployment.kubernetes.io/revision',
  'deprecated.daemonset.template.generation',
  'kubectl.kubernetes.io/restartedAt',
];

/** The object without these marks, at itself and at its pod template. */
export function withoutPassing<T>(object: T): T {
  const own = withoutMarks(object);
  if (!isRecord(own) || !isRecord(own.spec) || !isRecord(own.spec.template)) return own;
  return { ...own, spec: { ...own.spec, template: withoutMarks(own.spec.template) } };
}

function withoutMarks<T>(object: T): T {
  if (!isRecord(object) || !isRecord(object.metadata) || !isRecord(object.metadata.annotations))
    return object;
  const kept = Object.entries(object.metadata.annotations).filter(
    ([key]) => !passingAnnotations.includes(key),
  );
  const { annotations: _annotations, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: kept.length > 0 ? { ...metadata, annotations: Object.fromEntries(kept) } : metadata,
  };
}
