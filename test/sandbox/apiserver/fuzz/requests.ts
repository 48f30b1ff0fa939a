/** Requests by chance: to every resource and subresource, with every kind of body, query and header. */
import { stringify } from 'yaml';
import {
  apiVersion,
  type Served,
  type Subresource,
} from '../../../../src/sandbox/apiserver/kinds/definition.ts';
import { definitions, served as everything, views } from '../../../../src/sandbox/apiserver/kinds/kinds.ts';
import { fieldsOf } from '../../../../src/sandbox/apiserver/protobuf/numbers.ts';
import { modelOf } from '../../../../src/sandbox/apiserver/schema/models.ts';
import { encodeProtobuf } from '../protobuf/encode.ts';
import { bodyOf, mutated, textOf } from './bodies.ts';
import type { Dice } from './dice.ts';

export interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer;
}

const resources = everything;
const stored = [...definitions, ...views.map(({ as }) => as)];

/** The model of what a resource, or one of its subresources, takes. */
function modelFor({ group, version, kind }: Pick<Served, 'group' | 'version' | 'kind'>): string {
  const known = stored.find((one) => one.kind === kind && one.group === group && one.version === version);
  const guesses = [known?.model ?? '', `V1${kind}`, `AuthenticationV1${kind}`, 'V1Binding'];
  return guesses.find((name) => modelOf(name)) ?? 'V1Pod';
}

const enc = encodeURIComponent;

export function requestBy(dice: Dice, namespace: string): Sent {
  const served = dice.pick(resources);
  const subresource =
    served.subresources?.length && dice.oneIn(4) ? dice.pick(served.subresources) : undefined;
  const method = methodFor(dice, served, subresource);
  const name = dice.oneIn(8) ? textOf(dice) : dice.pick(['a', 'b', 'c', 'd']);
  const hasName = subresource !== undefined || !(method === 'POST' || (method === 'GET' && dice.oneIn(2)));
  const of = subresource
    ? { group: served.group, version: served.version, ...defined(subresource), kind: subresource.kind }
    : served;
  const path = [
    served.group ? `/apis/${served.group}/${served.version}` : `/api/${served.version}`,
    served.namespaced && !dice.oneIn(30)
      ? `namespaces/${dice.oneIn(30) ? enc(clean(textOf(dice))) : namespace}`
      : '',
    served.plural,
    hasName && !dice.oneIn(30) ? enc(clean(name)) : '',
    subresource?.name ?? '',
    dice.oneIn(200) ? dice.pick(['%ff', '%', '//[', '..', '%2e%2e', '__proto__', '?', '%00']) : '',
  ]
    .filter(Boolean)
    .join('/');
  const { body, type } = hasBody(method, dice)
    ? bodyFor(dice, method, { ...of, model: modelFor(of) }, namespace, hasName ? name : undefined)
    : { body: Buffer.alloc(0), type: 'application/json' };
  const headers: Record<string, string> = {
    'content-type': type,
    accept: dice.oneIn(3) ? dice.pick(accepts) : '*/*',
  };
  if (dice.oneIn(30)) headers['user-agent'] = dice.pick(['', '/', 'x'.repeat(300), 'kubectl/v1.35']);
  if (dice.oneIn(60))
    headers['impersonate-user'] = dice.pick(['', 'system:serviceaccount:a:b', 'system:anonymous', 'x']);
  return { method, path: `${path}${queryBy(dice)}`, headers, body };
}

/** Mostly one that is served there. */
function methodFor(dice: Dice, { verbs }: Served, subresource: Subresource | undefined): string {
  if (dice.oneIn(30)) return dice.pick(['OPTIONS', 'HEAD', 'TRACE', 'GET', 'PUT', 'DELETE', 'POST']);
  const byVerb: Record<string, string> = {
    create: 'POST',
    get: 'GET',
    list: 'GET',
    patch: 'PATCH',
    update: 'PUT',
  };
  const own = subresource?.verbs ?? verbs;
  if (own) return byVerb[dice.pick(own)] ?? 'GET';
  return dice.pick(['POST', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'GET', 'GET', 'DELETE']);
}

const defined = (subresource: { group?: string; version?: string }) =>
  Object.fromEntries(Object.entries(subresource).filter(([, value]) => value !== undefined));

/** What cannot be sent in a path at all. */
const clean = (text: string) => (text === '\ud800' ? 'x' : text);

const hasBody = (method: string, dice: Dice) =>
  ['POST', 'PUT', 'PATCH'].includes(method) || (method === 'DELETE' && dice.oneIn(2));

const accepts = [
  'application/json',
  '*/*',
  '',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  ';;=,q=,',
];

const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const bodyTypes = [
  'application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
  '',
];

interface Wanted {
  group: string;
  version: string;
  kind: string;
  model: string;
}

function bodyFor(
  dice: Dice,
  method: string,
  wanted: Wanted,
  namespace: string,
  name: string | undefined,
): { body: Buffer; type: string } {
  const object: Record<string, unknown> =
    method === 'DELETE' ? bodyOf(dice, 'V1DeleteOptions') : objectOf(dice, wanted, namespace, name);
  const value = dice.oneIn(4) ? mutated(dice, object) : object;
  if (method === 'PATCH') {
    const type = dice.oneIn(20) ? dice.pick(bodyTypes) : dice.pick(patchTypes);
    const patch = type.startsWith('application/json-patch') ? operations(dice, object) : value;
    return { type, body: damaged(dice, text(patch)) };
  }
  const type = dice.oneIn(15) ? dice.pick(bodyTypes) : dice.pick(bodyTypes.slice(0, 3));
  if (type.endsWith('protobuf') && fieldsOf(wanted.model)) {
    const model = method === 'DELETE' ? 'V1DeleteOptions' : wanted.model;
    return { type, body: damaged(dice, encodeProtobuf(object, model)) };
  }
  const isYaml = type.endsWith('yaml') && dice.oneIn(2);
  return { type, body: damaged(dice, isYaml ? Buffer.from(stringify(value)) : text(value)) };
}

const text = (value: unknown) => Buffer.from(JSON.stringify(value) ?? 'undefined');

function objectOf(
  dice: Dice,
  wanted: Wanted,
  namespace: string,
  name: string | undefined,
): Record<string, unknown> {
  if (dice.oneIn(20)) return {};
  const made = bodyOf(dice, wanted.model);
  const metadata = { name: name ?? dice.pick(['a', 'b', 'c', 'd']), namespace };
  return {
    ...made,
    ...(dice.oneIn(10) ? {} : { apiVersion: apiVersion(wanted), kind: wanted.kind }),
    ...(dice.oneIn(10)
      ? {}
      : { metadata: dice.oneIn(3) ? { ...(made.metadata as object), ...metadata } : metadata }),
  };
}

function operations(dice: Dice, object: unknown): unknown {
  const path = () => {
    let at: unknown = object;
    let result = '';
    while (!dice.oneIn(4)) {
      const keys: string[] = typeof at === 'object' && at !== null ? Object.keys(at) : [];
      const key: string =
        keys.length === 0 || dice.oneIn(6) ? dice.pick(['-', '0', '-1', '', textOf(dice)]) : dice.pick(keys);
      result += `/${key}`;
      at = (at as Record<string, unknown> | undefined)?.[key];
    }
    return dice.oneIn(40) ? dice.pick([null, 1, 'x', {}]) : result;
  };
  const one = () => ({
    op: dice.pick(['add', 'remove', 'replace', 'move', 'copy', 'test', 'none', null]),
    path: path(),
    from: path(),
    value: dice.oneIn(3) ? mutated(dice, object) : textOf(dice),
  });
  return Array.from({ length: dice.below(4) }, () =>
    dice.oneIn(20) ? dice.pick([null, 1, [], 'x']) : one(),
  );
}

/** Now and then cut off, with a wrong byte, or something else altogether. */
function damaged(dice: Dice, body: Buffer): Buffer {
  if (!dice.oneIn(12) || body.length === 0) return body;
  const copy = Buffer.from(body);
  const at = dice.below(copy.length);
  const ways = [
    () => copy.subarray(0, at),
    () => {
      copy[at] = dice.below(256);
      return copy;
    },
    () =>
      Buffer.concat([
        copy.subarray(0, at),
        Buffer.from([dice.below(256), dice.below(256)]),
        copy.subarray(at),
      ]),
    () => Buffer.from('['.repeat(dice.pick([10, 100_000]))),
    () => Buffer.from(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`),
    () =>
      Buffer.from(
        dice.pick([
          '',
          ' ',
          'null',
          '[]',
          '1',
          '"x"',
          '{',
          '{"a":',
          'a: [',
          '&a [*a,*a]',
          '\u0000',
          'k8s\u0000',
        ]),
      ),
  ];
  return dice.pick(ways)();
}

const parameters = [
  ...[
    'limit',
    'continue',
    'labelSelector',
    'fieldSelector',
    'resourceVersion',
    'resourceVersionMatch',
    'dryRun',
  ],
  ...[
    'fieldManager',
    'fieldValidation',
    'gracePeriodSeconds',
    'propagationPolicy',
    'orphanDependents',
    'force',
  ],
  ...[
    'watch',
    'allowWatchBookmarks',
    'sendInitialEvents',
    'pretty',
    'includeObject',
    'container',
    'tailLines',
  ],
];
const values = [
  ...[
    '-1',
    '0',
    '1',
    '2',
    'true',
    'false',
    'All',
    'Strict',
    'Ignore',
    'Background',
    'Orphan',
    'Exact',
    'abc',
    '',
    '%ff',
  ],
  ...[
    '99999999999999999999',
    '1e9',
    'a=b',
    'a in (b,c)',
    'a in (',
    '!a',
    '!',
    ',',
    'a==',
    'a>1',
    'metadata.name=a',
  ],
  ...[
    'status.phase!=Running',
    'x=\\',
    'eyJydiI6LTEsInN0YXJ0IjoiIn0',
    'bnVsbA',
    'constructor',
    'constructor=__proto__',
    '//[',
  ],
  ...['eyJydiI6MWUzMDAsInN0YXJ0IjoiYSJ9', 'Object', 'None', 'NotOlderThan', 'spec.nodeName=x,,', '\u4e2d'],
];

function queryBy(dice: Dice): string {
  const count = dice.pick([0, 0, 1, 1, 2, 4]);
  const parts = Array.from({ length: count }, () => {
    const value = dice.pick(values);
    return `${dice.pick(parameters)}=${value === '%ff' || value === '//[' ? value : enc(value)}`;
  });
  // An apply without a manager is refused before it is read.
  if (dice.oneIn(2)) parts.push('fieldManager=fuzz');
  // A watch would stay open.
  if (parts.some((part) => part.startsWith('watch='))) parts.push('timeoutSeconds=1');
  return parts.length > 0 ? `?${parts.join('&')}` : '';
}
