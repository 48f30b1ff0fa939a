import type { KubeObject } from '../../api.ts';
import { same } from '../json.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn, type Printer, wide } from '../table/printer.ts';
import { pathName } from '../validation/meta.ts';
import { dnsSubdomain, invalidValue, oneOf, required } from '../validation/rules.ts';
import type { ResourceDefinition } from './definition.ts';
import { rbac } from './role.ts';

interface Subject {
  kind: string;
  name: string;
  apiGroup?: string;
  namespace?: string;
}

const unresolved =
  'If the RoleRef cannot be resolved, the Authorizer must return an error. This field is immutable.';

/** `kind` as the descriptions of the columns have it. */
const tableFor = (kind: string, roleRef: string): Printer => ({
  columns: [
    nameColumn,
    column('Role', `${roleRef} ${unresolved}`),
    ageColumn,
    ...['Users', 'Groups', 'ServiceAccounts'].map((name) => column(name, `${name} in the ${kind}`, wide)),
  ],
  row(binding, now) {
    const subjects: Subject[] = binding.subjects ?? [];
    const named = (kind: string) =>
      subjects
        .filter((subject) => subject.kind === kind)
        .map(({ name, namespace }) => (namespace ? `${namespace}/${name}` : name))
        .join(', ');
    return [
      binding.metadata.name,
      `${binding.roleRef.kind}/${binding.roleRef.name}`,
      created(binding, now),
      named('User'),
      named('Group'),
      named('ServiceAccount'),
    ];
  },
});

export const rolebindings: ResourceDefinition = {
  ...rbac,
  kind: 'RoleBinding',
  plural: 'rolebindings',
  singular: 'rolebinding',
  namespaced: true,
  model: 'V1RoleBinding',
  storageVersionHash: 'eGsCzGH6b1g=',
  createOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: validateBinding,
  validateUpdate: validateBindingUpdate,
  table: tableFor(
    'roleBinding',
    'RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace.',
  ),
};

export const clusterrolebindings: ResourceDefinition = {
  ...rbac,
  kind: 'ClusterRoleBinding',
  plural: 'clusterrolebindings',
  singular: 'clusterrolebinding',
  namespaced: false,
  model: 'V1ClusterRoleBinding',
  storageVersionHash: '48tpQ8gZHFc=',
  createOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: validateBinding,
  validateUpdate: validateBindingUpdate,
  table: tableFor('clusterRoleBinding', 'RoleRef can only reference a ClusterRole in the global namespace.'),
};

function validateBinding({ metadata, roleRef, subjects }: KubeObject): FieldError[] {
  const isNamespaced = metadata.namespace !== undefined;
  const kinds = isNamespaced ? ['ClusterRole', 'Role'] : ['ClusterRole'];
  return [
    ...oneOf('roleRef.apiGroup', roleRef.apiGroup, [rbac.group]),
    ...oneOf('roleRef.kind', roleRef.kind, kinds),
    ...(roleRef.name ? pathName('roleRef.name', roleRef.name) : [required('roleRef.name')]),
    ...((subjects ?? []) as Subject[]).flatMap((subject, index) =>
      validateSubject(subject, `subjects[${index}]`, isNamespaced),
    ),
  ];
}

/** What a binding gives stays; who has it may change. */
function validateBindingUpdate({ roleRef }: KubeObject, old: KubeObject): FieldError[] {
  return same(roleRef, old.roleRef) ? [] : [invalidValue('roleRef', roleRef, 'cannot change roleRef')];
}

function setBindingDefaults(binding: KubeObject): void {
  if (binding.roleRef && !binding.roleRef.apiGroup) binding.roleRef.apiGroup = rbac.group;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind !== 'ServiceAccount') subject.apiGroup ??= rbac.group;
  }
}

function validateSubject(
  { kind, name, apiGroup = '', namespace }: Subject,
  path: string,
  isNamespaced: boolean,
): FieldError[] {
  const isAccount = kind === 'ServiceAccount';
  const isPerson = kind === 'User' || kind === 'Group';
  return [
    ...(name ? [] : [required(`${path}.name`)]),
    ...(isAccount && name ? dnsSubdomain(`${path}.name`, name) : []),
    ...(isAccount ? oneOf(`${path}.apiGroup`, apiGroup, ['']) : []),
    ...(isAccount && !isNamespaced && !namespace ? [required(`${path}.namespace`)] : []),
    ...(isPerson ? oneOf(`${path}.apiGroup`, apiGroup, [rbac.group]) : []),
    ...oneOf(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group']),
  ];
}
