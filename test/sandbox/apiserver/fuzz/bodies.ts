/** Objects of a kind with fields filled in by chance: mostly of the right type, often with values at an edge. */
import { quantityFields } from '../../../../src/sandbox/apiserver/kinds/fields.ts';
import { modelOf, shapeOf } from '../../../../src/sandbox/apiserver/schema/models.ts';
import type { Dice } from './dice.ts';

const names = ['a', 'b', 'c', 'd'];
const texts = [
  ...names,
  ...[
    '',
    ' ',
    '-',
    'A b',
    '..',
    '../up',
    '/',
    'x/y',
    'a.b',
    '__proto__',
    'constructor',
    'toString',
    '%ff',
    '\u0000',
  ],
  ...['é', '\u4e2d\u6587', '\ud800', 'x'.repeat(300), '0', '-1', '1e999999999', '100%', '25%', '-5%', 'None'],
  ...['Always', 'Never', 'OnFailure', 'TCP', 'UDP', 'Exists', 'Equal', 'In', 'NotIn', 'DoesNotExist', 'Gt'],
  ...[
    'NoSchedule',
    'NoExecute',
    'RollingUpdate',
    'Recreate',
    'OnDelete',
    'ClusterIP',
    'NodePort',
    'ExternalName',
  ],
  ...[
    'LoadBalancer',
    'Role',
    'ClusterRole',
    'User',
    'Group',
    'ServiceAccount',
    'Pod',
    'Deployment',
    'v1',
    'apps/v1',
  ],
  ...[
    '* * * * *',
    '*/0 * * * *',
    '61 * * * *',
    '0 0 31 2 *',
    'Europe/Berlin',
    'Nowhere/There',
    'Resource',
    'Pods',
  ],
  ...['Utilization', 'AverageValue', 'cpu', 'memory', 'limits.cpu', 'services', 'count/pods', 'Container'],
  ...[
    'Ingress',
    'Egress',
    'Prefix',
    'Exact',
    'IPv4',
    'IPv6',
    '10.96.0.7',
    '10.0.0.0/8',
    '::1',
    'kubernetes.io/hostname',
  ],
  ...[
    'http',
    'busybox:1',
    'docker.io/library/node:20',
    'metadata.name',
    'status.podIP',
    'ClientIP',
    'Indexed',
  ],
  ...[
    'kubernetes.io/tls',
    'kubernetes.io/dockerconfigjson',
    'Unconfined',
    'Localhost',
    'RuntimeDefault',
    'File',
  ],
];
const numbers = [0, 1, 2, 3, -1, 80, 600, 65_536, 31_000, 2 ** 31 - 1, -(2 ** 31), 2 ** 53, 1e300, 0.5];
const quantities = [
  '1',
  '100m',
  '1Gi',
  '-1',
  '0',
  '1e3',
  '1e999999999',
  '1e-999999999',
  'x',
  '',
  '9'.repeat(400),
  '1.5.5',
];
const times = [
  '2026-01-02T03:04:05Z',
  '9999-12-31T23:59:59Z',
  '0000-01-01T00:00:00Z',
  '2026-13-01T00:00:00Z',
  'now',
];
const odd: unknown[] = [
  null,
  true,
  0,
  1e300,
  '',
  'text',
  [],
  [null],
  [[]],
  {},
  { a: null },
  { __proto__x: {} },
];

/** Of the model; `depth` levels are filled in. */
export function bodyOf(dice: Dice, model: string, depth = 7): Record<string, unknown> {
  const { fields } = modelOf(model)!;
  const entries: [string, unknown][] = [];
  // A body is mostly sparse, now and then full.
  const rarity = dice.pick([1.3, 2, 3, 6]);
  for (const [name, field] of Object.entries(fields)) {
    const wanted = field.required ? !dice.oneIn(12) : dice.next() < 1 / (rarity * (depth < 4 ? 3 : 1));
    if (!wanted) continue;
    const isQuantity = quantityFields.has(`${model}.${name}`);
    entries.push([name, anyOf(dice, field.type, depth - 1, isQuantity, name)]);
  }
  if (dice.oneIn(25)) entries.push([dice.pick(texts), dice.pick(odd)]);
  return Object.fromEntries(entries);
}

function anyOf(dice: Dice, type: string, depth: number, isQuantity: boolean, field: string): unknown {
  if (dice.oneIn(40)) return dice.pick(odd);
  const shape = shapeOf(type);
  if (shape.is === 'list') {
    const length = depth <= 0 ? 0 : dice.pick([0, 1, 1, 1, 2, 3]);
    return Array.from({ length }, () => anyOf(dice, shape.of, depth, isQuantity, field));
  }
  if (shape.is === 'map') {
    const length = dice.pick([0, 1, 1, 2]);
    return Object.fromEntries(
      Array.from({ length }, () => [
        textOf(dice),
        isQuantity ? dice.pick(quantities) : anyOf(dice, shape.of, depth, false, field),
      ]),
    );
  }
  if (shape.is === 'model') return depth <= 0 ? {} : bodyOf(dice, shape.name, depth);
  if (isQuantity) return dice.pick(quantities);
  if (shape.name === 'number') return dice.pick(numbers);
  if (shape.name === 'boolean') return dice.oneIn(2);
  if (shape.name === 'Date' || shape.name === 'V1MicroTime') return dice.pick(times);
  if (shape.name === 'IntOrString') return dice.oneIn(2) ? dice.pick(numbers) : textOf(dice);
  if (shape.name === 'any') return dice.pick(odd);
  return field === 'name' && !dice.oneIn(4) ? dice.pick(names) : textOf(dice);
}

export const textOf = (dice: Dice): string => (dice.oneIn(3) ? dice.pick(names) : dice.pick(texts));

/** One value somewhere within becomes another, or its field goes. */
export function mutated(dice: Dice, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || dice.oneIn(5)) return dice.pick(odd);
  if (Array.isArray(value)) {
    const index = dice.below(value.length + 1);
    return value.map((item, at) => (at === index ? mutated(dice, item) : item));
  }
  const keys = Object.keys(value);
  const chosen = dice.pick([...keys, dice.pick(texts)]);
  const entries = Object.entries(value).filter(([key]) => key !== chosen);
  const old = Object.entries(value).find(([key]) => key === chosen)?.[1];
  return Object.fromEntries(dice.oneIn(3) ? entries : [...entries, [chosen, mutated(dice, old)]]);
}
