/** Rules of what ConfigMaps and Secrets keep: names of keys, sizes, what a type of Secret must hold. */
import type { KubeObject } from '../../api.ts';
import type { FieldError } from '../status.ts';
import { frozenFields } from './frozen.ts';
import { dataKeyProblems } from './paths.ts';
import { immutable, invalidValue, required } from './rules.ts';

/** Bytes that the values of one object may have together. */
const limit = 1024 * 1024;

const tooLong = (field: string): FieldError => ({
  type: 'TooLong',
  field,
  message: `Too long: may not be more than ${limit} bytes`,
});

type Values = Record<string, string>;

const keyErrors = (field: string, values: Values): FieldError[] =>
  Object.keys(values).flatMap((key) =>
    dataKeyProblems(key).map((problem) => invalidValue(`${field}[${key}]`, key, problem)),
  );

const bytesOf = (values: Values, encoding: BufferEncoding) =>
  Object.values(values).reduce((sum, value) => sum + Buffer.byteLength(value, encoding), 0);

export function validateConfigMap({ data = {}, binaryData = {} }: KubeObject): FieldError[] {
  const twice = Object.keys(data).filter((key) => Object.hasOwn(binaryData, key));
  return [
    ...keyErrors('data', data),
    ...twice.map((key) => invalidValue(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...keyErrors('binaryData', binaryData),
    ...(bytesOf(data, 'utf8') + bytesOf(binaryData, 'base64') > limit ? [tooLong('[]')] : []),
  ];
}

/** Keys that a Secret of a type must hold; of a user and a password one is enough. */
const needed: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export function validateSecret({ metadata, type, data = {} }: KubeObject): FieldError[] {
  const lacking = (Object.hasOwn(needed, type) ? needed[type]! : []).filter(
    (key) => !Object.hasOwn(data, key),
  );
  const login = ['username', 'password'];
  const account = 'kubernetes.io/service-account.name';
  return [
    ...keyErrors('data', data),
    ...(bytesOf(data, 'base64') > limit ? [tooLong('data')] : []),
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

export function validateSecretUpdate(secret: KubeObject, old: KubeObject): FieldError[] {
  const isOther = secret.type !== old.type;
  return [...(isOther ? [immutable('type', secret.type)] : []), ...frozenFields(secret, old)];
}
