/** What the kinds together say of fields, by model and field: `V1PodSpec.containers`. */
import type { ListType } from './definition.ts';
import { definitions } from './kinds.ts';

/** How patch and apply match the elements of a list. Any other list is replaced whole. */
export const listTypes = new Map<string, ListType>([
  ['V1ObjectMeta.finalizers', { merge: '', set: true }],
  ['V1ObjectMeta.ownerReferences', { merge: 'uid', keys: ['uid'] }],
  ...definitions.flatMap(({ lists = {} }) => Object.entries(lists)),
]);

/** Models and fields of which nothing smaller than the whole is owned. */
export const atomic = new Set([
  ...['V1LabelSelector', 'V1LocalObjectReference', 'V1ObjectReference'],
  ...definitions.flatMap((definition) => definition.atomic ?? []),
]);

/** Fields that hold quantities. */
export const quantityFields = new Set(definitions.flatMap(({ quantities = [] }) => quantities));

/** Numbers that are left out when they are 0. */
export const omittedZeros = new Set([
  'V1ObjectMeta.generation',
  'V1ScaleSpec.replicas',
  ...definitions.flatMap(({ zeros }) => zeros?.omitted ?? []),
]);

/** Strings that are written even when they are empty. */
export const keptStrings = new Set(definitions.flatMap(({ zeros }) => zeros?.kept ?? []));

/** Fields that are written even when nobody set them, by model. */
export const alwaysWritten: Record<string, Record<string, unknown>> = Object.assign(
  {},
  ...definitions.map(({ zeros }) => zeros?.written ?? {}),
);
