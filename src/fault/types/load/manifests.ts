import type { ClusterObject } from '../../../cluster/cluster.ts';
import type { CompileContext } from '../../fault-type.ts';
import type { LoadSpec } from '../load.ts';

/** The Job outlives the game's time-out by this many seconds, so that waiting is never the answer. */
const OUTLIVES_SECONDS = 120;
/** A finished Job and its pods stay this long to be looked at. */
const KEPT_SECONDS = 600;

/** The sender's program as a ConfigMap: no image of ours is needed. */
export function programConfigMap(spec: LoadSpec, context: CompileContext): ClusterObject {
  const { name, namespace } = spec.disguise;
  const text = context.programText(spec.rate === undefined ? 'sender-connections.cjs' : 'sender-rate.cjs');
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-program`, namespace, labels: labels(name) },
    data: { 'main.cjs': text },
  };
}

/** The Job. It looks like any batch job, passes Pod Security `restricted`, and always has an end. */
export function loadJob(
  spec: LoadSpec,
  url: URL,
  configMap: string,
  context: CompileContext,
): { job: ClusterObject; deadlineSeconds: number } {
  const { name, namespace, mesh } = spec.disguise;
  const sendSeconds = Math.ceil(context.secondsToPlay) + OUTLIVES_SECONDS;
  const deadlineSeconds = sendSeconds + Math.ceil(spec.timeout / 1000) + 30;
  const optOut = mesh === 'hidden';
  const job: ClusterObject = {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace, labels: labels(name) },
    spec: {
      completions: spec.replicas,
      parallelism: spec.replicas,
      // Deleted pods count as failures: the Job has to survive a few.
      backoffLimit: 20,
      activeDeadlineSeconds: deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: {
          labels: { ...labels(name), ...(optOut && { 'sidecar.istio.io/inject': 'false' }) },
          // What batch jobs carry in a cluster with a mesh, where a side-car would keep them from completing.
          ...(optOut && { annotations: { 'linkerd.io/inject': 'disabled' } }),
        },
        spec: {
          restartPolicy: 'Never',
          terminationGracePeriodSeconds: 5,
          automountServiceAccountToken: false,
          ...(context.imagePullSecrets?.length && {
            imagePullSecrets: context.imagePullSecrets.map((secret) => ({ name: secret })),
          }),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: 1000,
            seccompProfile: { type: 'RuntimeDefault' },
          },
          containers: [
            {
              name: 'main',
              image: context.image,
              command: ['node', '/app/main.cjs'],
              env: environment(spec, url, sendSeconds),
              resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
              volumeMounts: [{ name: 'program', mountPath: '/app', readOnly: true }],
            },
          ],
          volumes: [{ name: 'program', configMap: { name: configMap } }],
        },
      },
    },
  };
  return { job, deadlineSeconds };
}

function labels(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/component': 'batch' };
}

function environment(spec: LoadSpec, url: URL, seconds: number): { name: string; value: string }[] {
  const settings: Record<string, string | number> = {
    TARGET_URL: url.href,
    DURATION_SECONDS: seconds,
    TIMEOUT_MS: spec.timeout,
    ...(spec.rate !== undefined
      ? {
          PER_SECOND: spec.rate / spec.replicas,
          RAMP_SECONDS: spec.ramp / 1000,
          MAX_IN_FLIGHT: spec.maxInFlight,
        }
      : { CONNECTIONS: spec.connections! }),
  };
  return Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
}
