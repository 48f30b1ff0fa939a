import { ageColumn, column, created, nameColumn } from '../table/printer.ts';
import { editable } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

export const serviceaccounts: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  singular: 'serviceaccount',
  shortNames: ['sa'],
  namespaced: true,
  model: 'V1ServiceAccount',
  lists: {
    'V1ServiceAccount.secrets': { merge: 'name', keys: ['name'] },
    'V1ServiceAccount.imagePullSecrets': { merge: 'name' },
  },
  access: editable,
  storageVersionHash: 'pbx9ZvyFpBE=',
  subresources: [
    { name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  ],
  table: {
    columns: [nameColumn, column('Secrets', 'V1ServiceAccount.secrets'), ageColumn],
    row: (account, now) => [account.metadata.name, account.secrets?.length ?? 0, created(account, now)],
  },
};
