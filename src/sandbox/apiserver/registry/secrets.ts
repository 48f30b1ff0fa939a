import { setField } from '../json.ts';
import { validateSecret, validateSecretUpdate } from '../validation/kept-data.ts';
import type { ResourceDefinition } from './definition.ts';

export const secrets: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',
  storageVersionHash: 'S6u1pOWzb84=',
  setDefaults(secret) {
    secret.type ||= 'Opaque';
    if (!secret.stringData) return;
    secret.data ??= {};
    for (const [key, text] of Object.entries(secret.stringData)) {
      setField(secret.data, key, Buffer.from(String(text)).toString('base64'));
    }
    delete secret.stringData;
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  fields: (secret) => ({ type: secret.type ?? '' }),
  fieldNames: ['type'],
};
