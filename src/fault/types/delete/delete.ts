import { z } from 'zod';
import { parseRef } from '../../../cluster/ref.ts';
import { refText } from '../../../document/fields.ts';
import type { FaultType } from '../../fault-type.ts';
import { assertAllowed, existing } from '../shared/target.ts';
import { assertNothingLost, deleteOperation, dependentNeeds } from './operation.ts';

const schema = z.strictObject({
  ref: refText.describe('The object, in an allowed namespace.'),
  owned: z
    .enum(['delete', 'keep'])
    .default('delete')
    .describe(
      'delete: what it owns (the pods of a Deployment) goes with it. keep: stays, and is taken over again.',
    ),
});

export type DeleteSpec = z.output<typeof schema>;

export const deletion: FaultType<DeleteSpec> = {
  type: 'delete',
  mechanism: 'delete',
  cause: 'something that was needed was deleted',
  reverts: 'reverts',
  combines: 'With all others that do not touch the same object.',
  schema,
  about:
    'Deletes an object; the restore makes it anew as it was. Refused is what cannot come back: namespaces, volumes, nodes and definitions, what has finalizers, Jobs, cloud load balancers, what a controller owns, and what owns more than pods. A Deployment that is deleted with its pods loses its history of rollouts.',
  describe: (spec) => `delete ${spec.ref}${spec.owned === 'keep' ? ' and keep what it owns' : ''}`,
  permissions: (spec) => {
    const ref = parseRef(spec.ref);
    return [{ verbs: ['get', 'delete', 'create'], ...ref }, ...dependentNeeds(ref.namespace)];
  },
  claims: (spec) => [{ ref: parseRef(spec.ref) }],
  async compile(spec, context) {
    const ref = parseRef(spec.ref);
    assertAllowed(ref, context.namespaces, 'The object');
    const object = await existing(ref, context.cluster);
    await assertNothingLost(ref, object, context.cluster);
    return [deleteOperation(ref, object, { propagation: spec.owned === 'keep' ? 'Orphan' : 'Background' })];
  },
  example: { ref: 'configmap/shop/edge-upstreams' },
};
