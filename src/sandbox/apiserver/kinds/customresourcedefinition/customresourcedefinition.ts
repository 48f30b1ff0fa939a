import type { KubeObject } from '../../../api.ts';
import { fallback } from '../../json.ts';
import { ageColumn, created, nameColumn } from '../../table/printer.ts';
import { READ, status } from '../access.ts';
import type { ResourceDefinition } from '../definition.ts';
import { validateCrd, validateCrdUpdate } from './validation.ts';

/** Deletes the objects of a kind before the kind (custom/lifecycle.ts). */
export const CLEANUP = 'customresourcecleanup.apiextensions.k8s.io';

export const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

export const customresourcedefinitions: ResourceDefinition = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  singular: 'customresourcedefinition',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  model: 'V1CustomResourceDefinition',
  access: { oncall: READ },
  storageVersionHash: 'jfWCUB31mvA=',
  hasStatus: true,
  looseFinalizers: true,
  jsonOnly: true,
  counted: true,
  subresources: [status('CustomResourceDefinition')],
  setDefaults({ spec }) {
    fallback(spec, 'names', {});
    const { names } = spec;
    if (names.kind) {
      fallback(names, 'singular', String(names.kind).toLowerCase());
      fallback(names, 'listKind', `${names.kind}List`);
    }
    fallback(spec, 'conversion', { strategy: 'None' });
  },
  prepareCreate(crd) {
    const stored = versionsOf(crd).find(({ storage }) => storage);
    crd.status = {
      conditions: null,
      acceptedNames: { plural: '', kind: '' },
      storedVersions: stored ? [stored.name] : [],
    };
  },
  prepareUpdate(crd, old) {
    crd.status = old.status;
  },
  // Its objects go first: it is only marked until they are gone.
  deletion: {
    isHeld: ({ metadata }) => !metadata.deletionTimestamp || Boolean(metadata.finalizers?.length),
    mark(crd) {
      crd.metadata.finalizers = [...new Set([...(crd.metadata.finalizers ?? []), CLEANUP])];
    },
  },
  validate: validateCrd,
  validateUpdate: validateCrdUpdate,
  warn(crd, _old, warn) {
    const text = JSON.stringify(crd.spec);
    if (text.includes('"x-kubernetes-validations"')) {
      warn('x-kubernetes-validations: the rules are kept and not evaluated here');
    }
  },
  table: {
    columns: [nameColumn, { ...ageColumn, name: 'Created At', type: 'date' }],
    row: (crd, now) => [crd.metadata.name, crd.metadata.creationTimestamp ?? created(crd, now)],
  },
};

interface Version {
  name: string;
  served: boolean;
  storage: boolean;
}

const versionsOf = ({ spec }: KubeObject): Version[] => spec.versions ?? [];
