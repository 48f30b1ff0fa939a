import { isServed } from '../../../cluster/access/readable.ts';
import { parseRef } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { formatDuration } from '../../../words/duration.ts';
import type { FaultType } from '../../fault-type.ts';
import { assertCreatable } from '../apply/guard.ts';
import { chaosMesh } from '../chaos-mesh/chaos-mesh.ts';
import { createOperation } from '../shared/disguise.ts';
import { endsOf } from './ends.ts';
import { asChaosMesh, cuttingPolicy, networkChaos, networkPolicies, shapingPolicy } from './objects.ts';
import { type NetworkSpec, networkSchema } from './schema.ts';

export const network: FaultType<NetworkSpec> = {
  type: 'network',
  mechanism: 'network',
  cause: 'packets between two workloads are late or lost',
  reverts: 'reverts',
  combines:
    'With all others, also with a second network of another name. With Chaos Mesh, pods that are made anew during the game are not disturbed.',
  schema: networkSchema,
  about: `Delays or loses what the pods of one workload send to those of another; what comes back is not touched. A TCP connection takes the delay longer to be opened, and each request takes it once more. A lost packet is sent again, after a second while the connection is opened and after 200 ms on one that is open, each time twice as long: so requests get slow and do not fail, unless their own time-out is shorter. Where all is lost, connecting goes on until its time-out, and open connections hang. How it is done depends on the cluster. The sandbox's own network does it, by a NetworkPolicy with annotations (docs/sandbox.md). Where Chaos Mesh is installed a NetworkChaos does it; all that the page of \`chaosMesh\` says holds for that. On any other cluster only a loss of 100% can be made, by a NetworkPolicy for the pods of \`to\` that lets everybody in but those of \`from\`; delay and partial loss are refused there. That NetworkPolicy needs a network plug-in that enforces policies, which no API tells: where none does, nothing happens, and the effect check of the fault says so before the game. With some plug-ins connections that are open stay open. It keeps out what comes from addresses outside of the pod network as well (load balancers, node ports), and is refused where another policy selects the pods for Ingress already: policies add up, so it could not keep out what that one lets in.`,
  describe: (spec) => `${effects(spec)} from ${spec.from} to ${spec.to}`,
  permissions(spec, compiled) {
    const { namespace } = parseRef(spec.from);
    const kinds = compiled?.map(({ ref }) => ref.kind) ?? [networkPolicies.kind, networkChaos.kind];
    const made = { verbs: ['create', 'get', 'delete'], name: spec.disguise.name };
    const places = [...new Set([namespace, parseRef(spec.to).namespace])];
    return [
      { verbs: ['get'], ...parseRef(spec.from) },
      { verbs: ['get'], ...parseRef(spec.to) },
      ...(kinds.includes(networkPolicies.kind)
        ? [
            ...places.map((each) => ({ ...made, ...networkPolicies, namespace: each })),
            { verbs: ['list'], ...networkPolicies, namespace: parseRef(spec.to).namespace },
          ]
        : []),
      ...(kinds.includes(networkChaos.kind)
        ? [
            { ...made, ...networkChaos, namespace },
            ...places.map((each) => ({ verbs: ['create'], ...networkChaos, namespace: each })),
          ]
        : []),
      ...places.flatMap((each) => [
        { verbs: ['list'], kind: 'pod', namespace: each },
        { verbs: ['get'], kind: 'replicaset', group: 'apps', namespace: each },
      ]),
    ];
  },
  touches: ({ from, to }) => [parseRef(from), parseRef(to)],
  claims({ from, disguise: { name } }) {
    const { namespace } = parseRef(from);
    return [{ ref: { ...networkPolicies, namespace, name } }, { ref: { ...networkChaos, namespace, name } }];
  },
  async compile(spec, context) {
    const ends = await endsOf(spec, context);
    const described = network.describe(spec);
    const create = (object: ReturnType<typeof shapingPolicy>) => {
      assertCreatable(object);
      return [createOperation(object, described)];
    };
    if (context.sandbox) return create(shapingPolicy(spec, ends));
    if (await isServed(context.cluster, networkChaos)) {
      const drafts = await chaosMesh.compile(asChaosMesh(spec, ends), context);
      return drafts.map((draft) => ({ ...draft, describe: described }));
    }
    if (spec.loss === 100) return create(await cuttingPolicy(spec, ends, context.cluster));
    throw new MisfortuneError(
      'no-chaos-mesh',
      `This cluster can only cut connections: delay and partial loss need Chaos Mesh, and it does not serve ${networkChaos.kind} of ${networkChaos.group}.`,
      {
        todo: 'Install Chaos Mesh 2 (https://chaos-mesh.org), let loss be 100%, delay a Service with proxy, or play in the sandbox.',
        exitCode: exitCodes.refused,
      },
    );
  },
  example: {
    from: 'deployment/shop/storefront',
    to: 'deployment/shop/checkout',
    delay: '300ms',
    jitter: '50ms',
    loss: '5%',
    disguise: { name: 'storefront-egress' },
  },
};

function effects({ delay, jitter, loss }: NetworkSpec): string {
  if (loss === 100) return 'cut connections';
  const late =
    delay !== undefined &&
    `delay packets by ${formatDuration(delay)}${jitter > 0 ? ` ± ${formatDuration(jitter)}` : ''}`;
  const lost = loss !== undefined && `lose ${loss}% of the packets`;
  return [late, lost].filter(Boolean).join(' and ');
}
