import type { KubeObject } from '../../api.ts';
import { setField } from '../json.ts';
import type { FieldError } from '../status.ts';
import { ageColumn, column, created, nameColumn, size } from '../table/printer.ts';
import { bytesOf, frozenFields, keyErrors, limit, type Values } from '../validation/kept-data.ts';
import { immutable, invalidValue, required, tooLong } from '../validation/rules.ts';
import { READ, WRITE } from './access.ts';
import type { ResourceDefinition } from './definition.ts';

/** Keys that a Secret of a type must hold; of a user and a password one is enough. */
const needed: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secrets: ResourceDefinition = {
  group: '',
  version: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  singular: 'secret',
  namespaced: true,
  model: 'V1Secret',
  quota: { plainName: true },
  access: { edit: [...READ, ...WRITE] },
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
  table: {
    columns: [nameColumn, column('Type', 'V1Secret.type'), column('Data', 'V1Secret.data'), ageColumn],
    row: (secret, now) => [secret.metadata.name, secret.type, size(secret.data), created(secret, now)],
  },
};

function validateSecret({ metadata, type, data = {} }: KubeObject): FieldError[] {
  const lacking = (Object.hasOwn(needed, type) ? needed[type]! : []).filter(
    // A key of SSH must not be empty either.
    (key) => (key === 'ssh-privatekey' ? !data[key] : !Object.hasOwn(data, key)),
  );
  const login = ['username', 'password'];
  const account = 'kubernetes.io/service-account.name';
  return [
    ...keyErrors('data', data),
    ...(bytesOf(data, 'base64') > limit ? [tooLong('data', limit)] : []),
    ...lacking.map((key) => required(`data[${key}]`)),
    ...(type === 'kubernetes.io/basic-auth' && !login.some((key) => Object.hasOwn(data, key))
      ? login.map((key) => required(`data[${key}]`))
      : []),
    ...(type === 'kubernetes.io/service-account-token' && !metadata.annotations?.[account]
      ? [required(`metadata.annotations[${account}]`)]
      : []),
    ...configErrors(type, data),
  ];
}

function validateSecretUpdate(secret: KubeObject, old: KubeObject): FieldError[] {
  const isOther = secret.type !== old.type;
  return [...(isOther ? [immutable('type', secret.type)] : []), ...frozenFields(secret, old)];
}

/** What an image is pulled with is JSON; the message does not show it. */
function configErrors(type: string, data: Values): FieldError[] {
  const key = {
    'kubernetes.io/dockercfg': '.dockercfg',
    'kubernetes.io/dockerconfigjson': '.dockerconfigjson',
  }[type];
  const text = key && data[key];
  if (!text) return [];
  try {
    JSON.parse(Buffer.from(text, 'base64').toString('utf8'));
    return [];
  } catch {
    return [invalidValue(`data[${key}]`, '<secret contents redacted>', 'invalid character')];
  }
}
