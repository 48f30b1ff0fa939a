import { z } from 'zod';
import type { ClusterObject } from '../../cluster/cluster.ts';
import { type FieldChange, fieldChanges } from '../../cluster/fields/changes.ts';
import { formatPath } from '../../cluster/fields/path.ts';
import { parseRef } from '../../cluster/ref.ts';
import { serviceText } from '../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { FaultType } from '../fault-type.ts';
import { deleteOperation } from './delete/operation.ts';
import { servedChanges } from './shared/served-changes.ts';
import { assertAllowed, existing } from './shared/target.ts';

type Port = { name?: string; port: number; targetPort?: number | string };

const port = z.union([z.int().min(1).max(65535), z.string().min(1)]);

const schema = z
  .strictObject({
    service: serviceText.describe('The Service: service/namespace/name, in an allowed namespace.'),
    becomes: z
      .enum(['changed', 'deleted'])
      .default('changed')
      .describe('deleted: gone; it comes back with the addresses and node ports that it had.'),
    selector: z
      .record(z.string().min(1), z.string().nullable())
      .optional()
      .describe('Labels of the pods that it leads to; `null` takes one away. The others stay.'),
    ports: z
      .record(
        z.string().min(1),
        z.strictObject({ port: z.int().min(1).max(65535), targetPort: port }).partial(),
      )
      .optional()
      .describe('By name or number of the port: its new `port`, or the `targetPort` at the pods.'),
    sessionAffinity: z
      .enum(['None', 'ClientIP'])
      .optional()
      .describe('ClientIP: a client stays with its pod.'),
    internalTrafficPolicy: z
      .enum(['Cluster', 'Local'])
      .optional()
      .describe('Local: from inside, only to pods on the same node.'),
    externalTrafficPolicy: z
      .enum(['Cluster', 'Local'])
      .optional()
      .describe('Local: from outside, only to pods on the node that was asked.'),
    publishNotReadyAddresses: z.boolean().optional().describe('Lead to pods that are not ready, too.'),
  })
  .superRefine((spec, context) => {
    const { service: _service, becomes, ...changes } = spec;
    const some = Object.values(changes).some((value) => value !== undefined);
    if (some !== (becomes === 'changed'))
      context.addIssue({
        code: 'custom',
        message: some ? 'Expected nothing else with becomes: deleted.' : 'Expected something to change.',
      });
  });

export type ServiceSpec = z.output<typeof schema>;

const plain = [
  'sessionAffinity',
  'internalTrafficPolicy',
  'externalTrafficPolicy',
  'publishNotReadyAddresses',
] as const;

export const service: FaultType<ServiceSpec> = {
  type: 'service',
  mechanism: 'service',
  cause: 'a Service points at the wrong pods or port',
  reverts: 'reverts',
  combines:
    'With all others; a deleted Service with none that changes it. A `load` on it goes nowhere while it leads nowhere.',
  schema,
  about: 'Lets a Service lead to other pods or ports, or to none, changes how it spreads, or deletes it.',
  describe: (spec) => {
    if (spec.becomes === 'deleted') return `delete ${spec.service}`;
    const { service: name, becomes: _becomes, ...changes } = spec;
    const changed = Object.entries(changes).flatMap(([key, value]) => (value === undefined ? [] : [key]));
    return `change ${changed.join(', ')} of ${name}`;
  },
  permissions: (spec) => [
    {
      verbs: spec.becomes === 'deleted' ? ['get', 'delete', 'create'] : ['get', 'patch'],
      ...parseRef(spec.service),
    },
  ],
  touches: (spec) => [parseRef(spec.service)],
  claims(spec) {
    const ref = parseRef(spec.service);
    if (spec.becomes === 'deleted') return [{ ref }];
    return [
      ...Object.keys(spec.selector ?? {}).map((key) => ({ ref, path: ['spec', 'selector', key] })),
      ...(spec.ports === undefined ? [] : [{ ref, path: ['spec', 'ports'] }]),
      ...plain.flatMap((key) => (spec[key] === undefined ? [] : [{ ref, path: ['spec', key] }])),
    ];
  },
  async compile(spec, context) {
    const ref = parseRef(spec.service);
    assertAllowed(ref, context.namespaces, 'The Service');
    const object = await existing(ref, context.cluster);
    if (spec.becomes === 'deleted') return [deleteOperation(ref, object)];
    const said: FieldChange[] = [
      ...Object.entries(spec.selector ?? {}).map(([label, to]): FieldChange => {
        const path = ['spec', 'selector', label];
        return to === null ? { path, absent: true } : { path, to };
      }),
      ...portChanges(spec, object),
      ...plain.flatMap((key) => (spec[key] === undefined ? [] : [{ path: ['spec', key], to: spec[key] }])),
    ];
    const changes = await servedChanges(ref, object, said, context);
    const describe = `change ${changes.map(({ path }) => formatPath(path)).join(', ')}`;
    return [{ verb: 'patch', ref, changes, describe, reverts: 'reverts', ready: [] }];
  },
  example: {
    service: 'service/shop/checkout',
    selector: { app: 'checkout-v2' },
    ports: { 8080: { targetPort: 8081 } },
  },
};

/** Ports are told apart by their name, or by their number where they have none. Throws `unknown-port`. */
function portChanges({ ports = {}, service: name }: ServiceSpec, object: ClusterObject): FieldChange[] {
  const known = (object.spec as { ports?: Port[] }).ports ?? [];
  const changed = known.map((each) => ({ ...each }));
  for (const [wanted, to] of Object.entries(ports)) {
    const index = known.findIndex((each) => each.name === wanted || String(each.port) === wanted);
    if (index < 0)
      throw new MisfortuneError('unknown-port', `${name} has no port ${wanted}.`, {
        todo: `It has ${known.map((each) => each.name ?? each.port).join(', ') || 'none'}.`,
        exitCode: exitCodes.refused,
      });
    Object.assign(changed[index]!, to);
  }
  // A port without a name is known by its number: if that changes, the list is one field.
  const renumbered = known.some(
    ({ name, port }, index) => name === undefined && changed[index]!.port !== port,
  );
  const path = ['spec', 'ports'];
  return renumbered ? [{ path, to: changed }] : fieldChanges(known, changed, path);
}
