import { z } from 'zod';
import { duration, slug } from '../../../document/fields.ts';

export const chaosGroup = 'chaos-mesh.org';

/**
 * What acts on pods and is taken back by Chaos Mesh. Left out: Schedule and Workflow (each makes others of these), what acts on
 * machines or at a cloud (PhysicalMachineChaos, AWSChaos …), and BlockChaos, which acts on a disk that others may share.
 */
const kinds = [
  ...(['NetworkChaos', 'PodChaos', 'IOChaos', 'StressChaos', 'TimeChaos'] as const),
  ...(['DNSChaos', 'HTTPChaos', 'JVMChaos', 'KernelChaos'] as const),
] as const;

const names = z.record(z.string().min(1), z.string());

/** Strict: a key that we do not know could widen what is selected. */
const selector = z.strictObject({
  namespaces: z.array(slug).min(1).describe('Namespaces of the pods, allowed ones. Always needed.'),
  pods: z
    .record(slug, z.array(z.string().min(1)))
    .optional()
    .describe('Pods by name, by namespace.'),
  labelSelectors: names.optional().describe('Labels of the pods.'),
  expressionSelectors: z
    .array(
      z.strictObject({
        key: z.string().min(1).describe('A label.'),
        operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']).describe('How it is compared.'),
        values: z.array(z.string()).default([]).describe('With In and NotIn: the values.'),
      }),
    )
    .optional()
    .describe('Labels of the pods, by expressions.'),
  annotationSelectors: names.optional().describe('Annotations of the pods.'),
  fieldSelectors: names.optional().describe('Fields of the pods.'),
  podPhaseSelectors: z.array(z.string().min(1)).optional().describe('Phases of the pods.'),
  nodes: z.array(z.string().min(1)).optional().describe('Nodes on which the pods run.'),
  nodeSelectors: names.optional().describe('Labels of those nodes.'),
});

export type ChaosSelector = z.output<typeof selector>;

/** What must not be there, and why. */
const refusedKeys = {
  duration:
    'Expected no duration: it is set so that it ends after the game. Use repeat for what comes and goes.',
  scheduler: 'Expected no scheduler: use repeat for what comes and goes.',
  remoteCluster: 'Expected no remoteCluster: only the cluster of the game may be touched.',
};

const resource = z
  .strictObject({
    apiVersion: z.literal(`${chaosGroup}/v1alpha1`).describe('As Chaos Mesh 2 has it.'),
    kind: z.enum(kinds).describe('Its kind.'),
    metadata: z
      .strictObject({
        name: slug.describe('Its name; a neutral one.'),
        namespace: slug.describe('Its namespace, an allowed one.'),
        labels: names.optional().describe('Its labels.'),
        annotations: names.optional().describe('Its annotations.'),
      })
      .describe(
        'Name and namespace. Nothing that tells Chaos Mesh to pause, or to release it without recovery.',
      ),
    spec: z
      .looseObject({
        selector: selector.describe('On which pods it acts.'),
        target: z
          .looseObject({ selector: selector.describe('Which pods these are.') })
          .optional()
          .describe('Of a NetworkChaos: the pods at the other end.'),
      })
      .describe('The rest as Chaos Mesh documents it, without duration.'),
  })
  .superRefine(({ kind, spec }, context) => {
    for (const [key, message] of Object.entries(refusedKeys))
      if (spec[key] !== undefined) context.addIssue({ code: 'custom', message, path: ['spec', key] });
    // The other actions are over at once, and Chaos Mesh does not recover them.
    if (kind === 'PodChaos' && spec.action !== 'pod-failure')
      context.addIssue({
        code: 'custom',
        message: `Expected action: pod-failure, got ${JSON.stringify(spec.action)}. Use the fault type kill to kill pods.`,
        path: ['spec', 'action'],
      });
  });

export const chaosMeshSchema = z.strictObject({
  resource: resource.describe('The resource, as for `kubectl apply`.'),
  within: duration
    .prefault('60s')
    .describe('Time that Chaos Mesh may take to inject it into every pod that it selects.'),
});

export type ChaosMeshSpec = z.output<typeof chaosMeshSchema>;
