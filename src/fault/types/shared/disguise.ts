import { z } from 'zod';
import type { ClusterObject } from '../../../cluster/cluster.ts';
import { type OurPodSettings, ourPodSpec, withoutSidecar } from '../../../cluster/our-pod.ts';
import { refOf } from '../../../cluster/ref.ts';
import { slug } from '../../../document/fields.ts';
import type { CompileContext } from '../../fault-type.ts';
import { newNonce, withNonce } from '../../ledger/nonce.ts';
import type { OperationDraft } from '../../operation.ts';

/** A fault that goes on in the cluster runs as a Job that looks like any batch job. */
export const disguiseSchema = z.strictObject({
  name: slug.describe('Name of the Job; all that is created is named after it.'),
  namespace: slug.describe('Where it runs: an allowed namespace.'),
  mesh: z
    .enum(['hidden', 'default'])
    .default('hidden')
    .describe('hidden: asks the service mesh for no side-car. default: as the cluster has it.'),
});

export type Disguise = z.output<typeof disguiseSchema>;

/** A Job outlives the game's time-out by this many seconds, so that waiting is never the answer. */
const OUTLIVES_SECONDS = 120;
/** A finished Job and its pods stay this long to be looked at. */
const KEPT_SECONDS = 600;

/** Seconds for which a program of ours is at work. */
export function secondsAtWork({ secondsToPlay }: Pick<CompileContext, 'secondsToPlay'>): number {
  return Math.ceil(secondsToPlay) + OUTLIVES_SECONDS;
}

/** A program as a ConfigMap: no image of ours is needed. */
export function programConfigMap(
  { name, namespace }: Pick<Disguise, 'name' | 'namespace'>,
  text: string,
  labels = disguiseLabels(name),
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-program`, namespace, labels },
    data: { 'main.cjs': text },
  };
}

/** The Job that runs the program. It passes Pod Security `restricted` and always has an end. */
export function programJob(
  { name, namespace, mesh }: Disguise,
  job: {
    env: Record<string, string | number>;
    replicas: number;
    deadlineSeconds: number;
    /** Whose rights it has at the API server; without one it has none. */
    serviceAccount?: string;
    /** On this node, with these limits whatever misfortune.yaml says of pods of ours: they are what it is about. */
    beside?: { node: string; limits: { cpu: string; memory: string } };
  },
  settings: OurPodSettings,
): ClusterObject {
  const optOut = mesh === 'hidden';
  const { env, replicas, deadlineSeconds, serviceAccount, beside } = job;
  const { resources: configured, ...others } = settings;
  const limits = beside?.limits ?? { cpu: '2', memory: '256Mi' };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: disguiseLabels(name) },
    spec: {
      completions: replicas,
      parallelism: replicas,
      // Deleted pods count as failures: the Job has to survive a few.
      backoffLimit: 20,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: { ...disguiseLabels(name), ...(optOut && withoutSidecar.labels) },
          ...(optOut && { annotations: withoutSidecar.annotations }),
        },
        spec: {
          ...ourPodSpec(
            {
              command: ['node', '/app/main.cjs'],
              env,
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits },
              serviceAccount,
              configMap: `${name}-program`,
            },
            { ...others, ...(!beside && { resources: configured }) },
          ),
          ...(beside && { affinity: onNode(beside.node) }),
        },
      },
    },
  };
}

/** By its name, as a DaemonSet does it: a label of the host may differ, and `nodeName` would pass the scheduler by. */
function onNode(name: string): object {
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [name] }];
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
    },
  };
}

export function disguiseLabels(name: string, component = 'batch'): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': component };
}

/** Of an operation whose object makes pods that run a program of ours. */
export const ourPods = { runsOurs: true } as const;

/** Creates an object with a mark by which it is known again. */
export function createOperation(
  object: ClusterObject,
  describe: string,
  more: typeof ourPods | undefined = undefined,
): OperationDraft {
  const nonce = newNonce();
  const marked = withNonce(object, nonce);
  return {
    verb: 'create',
    ref: refOf(object),
    object: marked,
    nonce,
    describe,
    reverts: 'reverts',
    ready: [],
    ...more,
  };
}
