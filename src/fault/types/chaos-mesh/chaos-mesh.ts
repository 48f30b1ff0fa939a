import { isServed } from '../../../cluster/access/readable.ts';
import type { ClusterObject } from '../../../cluster/cluster.ts';
import { formatRef, refOf } from '../../../cluster/ref.ts';
import type { ReadyCondition } from '../../../cluster/wait/ready.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { FaultType } from '../../fault-type.ts';
import { assertCreatable } from '../apply/guard.ts';
import { createOperation, secondsAtWork } from '../shared/disguise.ts';
import { assertAllowed, assertNamespaceAllowed } from '../shared/target.ts';
import { namespacesOf, selectedWorkloads, selectorsOf } from './pods.ts';
import { type ChaosMeshSpec, chaosGroup, chaosMeshSchema } from './schema.ts';

/** A condition of every resource of Chaos Mesh 2: True once the fault is in each pod that it selects. */
const injected = ['status', 'conditions', { type: 'AllInjected' }, 'status'];

export const chaosMesh: FaultType<ChaosMeshSpec> = {
  type: 'chaosMesh',
  mechanism: 'chaosMesh',
  cause: 'network, disk, clock or processes of pods are disturbed from outside of them',
  reverts: 'reverts',
  combines:
    'With all others. Chaos Mesh chooses the pods once: a pod that is made anew during the game is not disturbed, so a `workload` fault on the same pods has to come before it.',
  schema: chaosMeshSchema,
  about:
    'Creates a resource of Chaos Mesh, where that is installed, for what only it can do: delay and loss of packets, disk errors, wrong clocks, stress inside a pod. It is made when Chaos Mesh says that it is in every pod that it selects (`AllInjected`); where it does not say so in time, the game is not played. It is undone by deleting the resource, and counts as undone when Chaos Mesh has recovered every pod and releases it (its finalizer `chaos-mesh/records`); what it has not recovered after 90 s is reported, and left to `misfortune recover`. Should nobody delete it, it ends by its own `duration`, two minutes after the time-out of the game. Refused are selectors without namespaces or outside of the allowed ones, kinds that make others (`Schedule`, `Workflow`) or act on machines, disks and clouds, and actions that Chaos Mesh does not take back. Its kind and its events tell whoever may list them what it is: put it into an allowed namespace that responders have no reason to look at. A `KernelChaos` can slow down other pods of the same node. This type was tested against the API of Chaos Mesh as its source code has it, with a controller of our own in its place, not against an installation.',
  describe: ({ resource }) => `create ${formatRef(refOf(resource))}`,
  permissions: (spec) => {
    const { namespace: _, ...ref } = refOf(spec.resource);
    const { namespace } = spec.resource.metadata;
    const selected = [...new Set(selectorsOf(spec).flatMap(namespacesOf))];
    return [
      { verbs: ['create', 'get', 'delete'], ...ref, namespace },
      ...selected.flatMap((name) => [
        // Chaos Mesh itself asks whether its user may disturb the pods of a namespace.
        { verbs: ['create'], kind: ref.kind, group: chaosGroup, namespace: name },
        { verbs: ['list'], kind: 'pod', namespace: name },
        { verbs: ['get'], kind: 'replicaset', group: 'apps', namespace: name },
      ]),
    ];
  },
  touches: (spec, { cluster }) => selectedWorkloads(spec, cluster),
  claims: ({ resource }) => [{ ref: refOf(resource) }],
  async compile(spec, context) {
    const { resource, within } = spec;
    const ref = refOf(resource);
    assertAllowed(ref, context.namespaces, 'The resource');
    for (const namespace of selectorsOf(spec).flatMap(namespacesOf))
      assertNamespaceAllowed(namespace, context.namespaces, `What ${formatRef(ref)} selects`);
    if (!(await isServed(context.cluster, ref))) throw notInstalled(resource.kind);
    await selectedWorkloads(spec, context.cluster);
    const seconds = secondsAtWork(context);
    const object: ClusterObject = { ...resource, spec: { ...resource.spec, duration: `${seconds}s` } };
    assertCreatable(object);
    const isInjected: ReadyCondition = {
      ...{ type: 'field', path: injected, equals: 'True' },
      ...{ within: within / 1000, needed: true },
    };
    return [
      {
        ...createOperation(object, chaosMesh.describe(spec)),
        ready: [isInjected],
        endsAfterSeconds: seconds,
      },
    ];
  },
  example: {
    resource: {
      apiVersion: 'chaos-mesh.org/v1alpha1',
      kind: 'NetworkChaos',
      metadata: { name: 'checkout-path', namespace: 'batch' },
      spec: {
        action: 'delay',
        mode: 'all',
        selector: { namespaces: ['shop'], labelSelectors: { 'app.kubernetes.io/name': 'checkout' } },
        delay: { latency: '300ms', jitter: '50ms' },
      },
    },
  },
};

function notInstalled(kind: string): MisfortuneError {
  return new MisfortuneError(
    'no-chaos-mesh',
    `This cluster does not serve ${kind} of ${chaosGroup}: Chaos Mesh is not installed, or another version of it.`,
    {
      todo: 'Install Chaos Mesh 2 (https://chaos-mesh.org), or choose another scenario.',
      exitCode: exitCodes.refused,
    },
  );
}
