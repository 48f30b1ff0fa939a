/** The columns of ConfigMaps, Secrets, ServiceAccounts, Leases and the RBAC kinds. */
import type { KubeObject } from '../../api.ts';
import { age } from './duration.ts';
import { ageColumn, column, nameColumn, type Printer, wide } from './printer.ts';

const created = (object: KubeObject, now: number) => age(object.metadata.creationTimestamp, now);
const size = (value: object | undefined) => Object.keys(value ?? {}).length;

export const configmaps: Printer = {
  columns: [nameColumn, column('Data', 'V1ConfigMap.data'), ageColumn],
  row: (map, now) => [map.metadata.name, size(map.data) + size(map.binaryData), created(map, now)],
};

export const secrets: Printer = {
  columns: [nameColumn, column('Type', 'V1Secret.type'), column('Data', 'V1Secret.data'), ageColumn],
  row: (secret, now) => [secret.metadata.name, secret.type, size(secret.data), created(secret, now)],
};

export const serviceaccounts: Printer = {
  columns: [nameColumn, column('Secrets', 'V1ServiceAccount.secrets'), ageColumn],
  row: (account, now) => [account.metadata.name, account.secrets?.length ?? 0, created(account, now)],
};

export const leases: Printer = {
  columns: [nameColumn, column('Holder', 'V1LeaseSpec.holderIdentity'), ageColumn],
  row: (lease, now) => [lease.metadata.name, lease.spec?.holderIdentity ?? '', created(lease, now)],
};

/** Roles show when they were made as a time, which kubectl prints as it is. */
export const roles: Printer = {
  columns: [nameColumn, column('Created At', 'V1ObjectMeta.creationTimestamp', { type: 'date' })],
  row: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
};

interface Subject {
  kind: string;
  name: string;
  namespace?: string;
}

export const bindings: Printer = {
  columns: [
    nameColumn,
    column('Role', 'V1RoleBinding.roleRef'),
    ageColumn,
    column('Users', 'Users in the roleBinding', wide),
    column('Groups', 'Groups in the roleBinding', wide),
    column('ServiceAccounts', 'ServiceAccounts in the roleBinding', wide),
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
};

/** For a kind without columns of its own. */
export const plain: Printer = {
  columns: [nameColumn, ageColumn],
  row: (object, now) => [object.metadata.name, created(object, now)],
};
