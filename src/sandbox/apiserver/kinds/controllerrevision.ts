import { same } from '../json.ts';
import { age } from '../table/duration.ts';
import { ageColumn, column, nameColumn } from '../table/printer.ts';
import { immutable, nonNegative, required } from '../validation/rules.ts';
import { readable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const controllerrevisions: ResourceDefinition = {
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  singular: 'controllerrevision',
  namespaced: true,
  model: 'V1ControllerRevision',
  access: readable,
  storageVersionHash: '85nkx63pcBU=',
  validate: ({ data, revision }) => [
    ...(data === undefined || data === null ? [required('data', 'data is mandatory')] : []),
    ...nonNegative('revision', revision),
  ],
  validateUpdate: ({ data }, old) => (same(data, old.data) ? [] : [immutable('data', data)]),
  table: {
    columns: [
      nameColumn,
      column('Controller', 'Controller of the object'),
      column('Revision', 'V1ControllerRevision.revision'),
      ageColumn,
    ],
    row: ({ metadata, apiVersion: _, ...rest }, now) => [
      metadata.name,
      controllerText(metadata.ownerReferences),
      rest.revision ?? 0,
      age(metadata.creationTimestamp, now),
    ],
  },
};

function controllerText(
  owners: { controller?: boolean; kind: string; name: string; apiVersion: string }[] = [],
) {
  const owner = owners.find((reference) => reference.controller);
  if (!owner) return '<none>';
  const [group, version] = owner.apiVersion.split('/');
  const kind = owner.kind.toLowerCase();
  return version ? `${kind}.${group}/${owner.name}` : `${kind}/${owner.name}`;
}
