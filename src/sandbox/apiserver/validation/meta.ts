/** Rules of metadata that hold for every kind (apimachinery/pkg/api/validation/objectmeta.go). */
import type { KubeObject, OwnerReference } from '../../api.ts';
import type { ResourceDefinition } from '../kinds/definition.ts';
import type { FieldError } from '../status.ts';
import {
  forbiddenValue,
  invalidValue,
  keyProblems,
  labelProblems,
  labelValueProblems,
  required,
  subdomainProblems,
  tooLong,
} from './rules.ts';

export function validateMeta(definition: ResourceDefinition, object: KubeObject): FieldError[] {
  const { name, labels, annotations, finalizers, ownerReferences } = object.metadata;
  const errors: FieldError[] = [];
  if (!name) errors.push(required('metadata.name', 'name or generateName is required'));
  else
    errors.push(...nameProblems(definition, name).map((text) => invalidValue('metadata.name', name, text)));
  return [
    ...errors,
    ...validateLabels('metadata.labels', labels),
    ...validateAnnotations('metadata.annotations', annotations),
    ...validateFinalizers(finalizers, definition.looseFinalizers),
    ...validateOwners(ownerReferences),
  ];
}

const OWNERS = 'metadata.ownerReferences';

/** The real server names the list, not the reference, that lacks something. */
function validateOwners(owners: OwnerReference[] = []): FieldError[] {
  const [first, ...others] = owners.filter(({ controller }) => controller);
  const named = ({ kind, name }: OwnerReference) => `${kind}/${name}`;
  const empty = owners.flatMap(({ apiVersion = '', kind, name, uid }) => [
    ...(apiVersion.split('/').pop()
      ? []
      : [invalidValue(`${OWNERS}.apiVersion`, apiVersion, 'version must not be empty')]),
    ...Object.entries({ kind, name, uid })
      .filter(([, value]) => !value)
      .map(([field, value]) => invalidValue(`${OWNERS}.${field}`, value ?? '', 'must not be empty')),
  ]);
  const several = others.map((other) =>
    invalidValue(
      OWNERS,
      owners,
      `Only one reference can have Controller set to true. Found "true" in references for ${named(first!)} and ${named(other)}`,
    ),
  );
  return [...empty, ...several];
}

function nameProblems({ nameRule }: ResourceDefinition, name: string): string[] {
  if (nameRule === 'label') return labelProblems(name);
  return nameRule === 'path' ? pathProblems(name) : subdomainProblems(name);
}

/** What is wrong with a name that only has to be a part of a path. */
function pathProblems(name: string): string[] {
  if (name === '.' || name === '..') return [`may not be '${name}'`];
  return ['/', '%'].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
}

export function pathName(field: string, name: string): FieldError[] {
  return pathProblems(name).map((problem) => invalidValue(field, name, problem));
}

export function validateLabels(field: string, labels: Record<string, string> | undefined): FieldError[] {
  return Object.entries(labels ?? {}).flatMap(([key, value]) => [
    ...keyProblems(key).map((problem) => invalidValue(field, key, problem)),
    ...labelValueProblems(value).map((problem) => invalidValue(field, value, problem)),
  ]);
}

/** Bytes that all annotations of an object may have together. */
const annotationLimit = 256 * 1024;

export function validateAnnotations(
  field: string,
  annotations: Record<string, string> | undefined,
): FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const errors = entries.flatMap(([key]) =>
    keyProblems(key.toLowerCase()).map((problem) => invalidValue(field, key, problem)),
  );
  const size = entries.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > annotationLimit) {
    errors.push(tooLong(field, annotationLimit));
  }
  return errors;
}

const plainFinalizers = ['orphan', 'foregroundDeletion', 'kubernetes'];

function validateFinalizers(finalizers: string[] = [], isLoose = false): FieldError[] {
  return finalizers.flatMap((finalizer, index) => {
    const field = `metadata.finalizers[${index}]`;
    const problems = keyProblems(finalizer).map((problem) =>
      invalidValue('metadata.finalizers', finalizer, problem),
    );
    if (problems.length > 0 || isLoose || finalizer.includes('/') || plainFinalizers.includes(finalizer))
      return problems;
    return [
      invalidValue(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified'),
    ];
  });
}

export function validateMetaUpdate(
  definition: ResourceDefinition,
  object: KubeObject,
  old: KubeObject,
): FieldError[] {
  const errors: FieldError[] = [];
  const { metadata: meta } = object;
  // A deletion that has begun can lose finalizers, but not gain any.
  if (meta.deletionTimestamp) {
    const added = (meta.finalizers ?? []).filter((one) => !old.metadata.finalizers?.includes(one));
    if (added.length > 0) {
      errors.push(
        forbiddenValue(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((one) => JSON.stringify(one)).join(', ')}}`,
        ),
      );
    }
  }
  return [...validateMeta(definition, object).filter(({ field }) => field !== 'metadata.name'), ...errors];
}
