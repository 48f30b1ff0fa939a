import { randomBytes } from 'node:crypto';
import type { V1PodStatus } from '@kubernetes/client-node';
import { z } from 'zod';
import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { ourPodSpec, withoutSidecar } from '../cluster/our-pod.ts';
import { refOf } from '../cluster/ref.ts';
import { type Look, until } from '../cluster/wait/until.ts';
import { actIn, type CheckContext, type Reference } from './kind.ts';

/** Seconds that a probe pod may take to be scheduled, pulled and done. */
const doneWithin = 30;

/** Real ms that making or deleting it may take. It goes on when the check is called off: nothing may stay behind. */
const patience = 10_000;

/** Before each program: `input` is what it is given, `say` its one answer, which comes within `input.timeout` ms. */
const head = `
const input = JSON.parse(process.env.INPUT);
const say = (answer) => { console.log(JSON.stringify(answer)); process.exit(0); };
setTimeout(say, input.timeout, { error: 'no answer within ' + input.timeout + ' ms' });
`;

/**
 * Runs a small program of Node's in a pod of ours in the namespace `from`, and gives what it says: the stack as a new pod
 * there sees it. The pod is deleted whatever happens; should this process be killed meanwhile, it ends by itself.
 * Throws, which is a gap, where the pod cannot be made or does not run.
 */
export async function probe<Answer>(
  from: string,
  program: string,
  input: { timeout: number; request?: unknown },
  context: CheckContext,
): Promise<Answer> {
  const { cluster, signal } = context;
  const { clock, pods } = actIn(from, context);
  const pod = probePod(from, head + program, input, pods);
  const ref = refOf(pod);
  const remove = () => cluster.delete(ref, { gracePeriodSeconds: 0 }, AbortSignal.timeout(patience));
  try {
    await cluster.create(pod, {}, AbortSignal.timeout(patience));
  } catch (error) {
    // Without an answer it may be there all the same.
    await remove().catch(() => undefined);
    throw error;
  }
  try {
    const { holds, seen } = await until(() => look(cluster, ref, signal), doneWithin, clock, signal);
    if (!holds) throw new Error(`the probe pod in ${from} did not run: ${seen}`);
    const said = await cluster.logs({ namespace: from, name: ref.name, tailLines: 1 }, signal);
    return JSON.parse(said) as Answer;
  } finally {
    await remove();
  }
}

function probePod(
  namespace: string,
  program: string,
  input: object,
  settings: Parameters<typeof ourPodSpec>[1],
): ClusterObject {
  const command = ['node', '-e', program];
  const resources = {
    requests: { cpu: '20m', memory: '48Mi' },
    limits: { cpu: '500m', memory: '128Mi' },
  };
  const spec = ourPodSpec({ command, env: { INPUT: JSON.stringify(input) }, resources }, settings);
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `network-check-${randomBytes(4).toString('hex')}`,
      namespace,
      labels: { 'app.kubernetes.io/name': 'network-check', ...withoutSidecar.labels },
      annotations: withoutSidecar.annotations,
    },
    spec: { ...spec, activeDeadlineSeconds: 2 * doneWithin },
  };
}

/** No image, or a container that cannot be made: waiting helps nobody. */
const hopeless = /^(ErrImage|ImagePullBackOff|ImageInspectError|InvalidImageName|CreateContainer)/;

async function look(cluster: Cluster, ref: Ref, signal?: AbortSignal): Promise<Look> {
  const pod = await cluster.get(ref, signal);
  if (!pod) return { holds: false, seen: 'somebody deleted it', isFinal: true };
  const { phase, containerStatuses: [container] = [] } = (pod.status ?? {}) as V1PodStatus;
  const { reason, message } = container?.state?.waiting ?? {};
  const seen = [phase ?? 'Pending', reason, message].filter((word) => word !== undefined).join(', ');
  const isFinal = phase === 'Failed' || hopeless.test(reason ?? '');
  return { holds: phase === 'Succeeded', seen, ...(isFinal && { isFinal }) };
}

/** A name or an IPv4 address, as a program has it in its settings. */
export const hostText = z
  .string()
  .regex(/^[a-zA-Z0-9_]([-a-zA-Z0-9._]*[a-zA-Z0-9_.])?$/, 'a host name or IPv4 address')
  .meta({ examples: ['checkout', 'checkout.shop.svc'] });

/** The Service that a host is the name of, as pods of a namespace know it; none for names that lead out of the cluster. */
export function serviceNamed(host: string, namespace: string): Reference[] {
  const [, name, other] =
    /^([a-z][-a-z0-9]*)(?:\.([-a-z0-9]+)\.svc(?:\.cluster\.local)?\.?)?$/.exec(host) ?? [];
  if (name === undefined || name === 'localhost') return [];
  return [{ object: `service/${other ?? namespace}/${name}`, path: ['host'] }];
}
