import type { Cluster, ClusterObject, Ref } from '../cluster/cluster.ts';
import { ClusterError } from '../cluster/cluster-error.ts';
import { formatRef } from '../cluster/ref.ts';
import { fieldAt, isRecord } from './field-path.ts';
import type { Finding } from './guard-rails.ts';
import { refOf } from './operation.ts';

/** Where misfortune.yaml says what pods of a program of ours are to be like. */
export type PodSettings = 'resources' | 'guardian.resources';

/**
 * What the API server would say to the pods that a controller makes of this object's template: a quota, a LimitRange, Pod
 * Security and webhooks look at pods, not at what makes them. A bare pod is tried out and not stored.
 */
export async function tryPods(
  object: ClusterObject,
  settings: PodSettings,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<{ refusal?: Finding; warning?: Finding }> {
  const pod = podOf(object);
  const { namespace } = pod.metadata;
  const name = formatRef(refOf(object));
  if (!(await cluster.can({ verb: 'create', group: '', resource: 'pods', namespace }, signal))) {
    const message = `Whether the pods of ${name} are admitted is not known: no permission to create pods in ${namespace}, which trying one out needs.`;
    return { warning: { code: 'pods-not-tried', message } };
  }
  try {
    await cluster.create(pod, { dryRun: true }, signal);
    return {};
  } catch (error) {
    if (!(error instanceof ClusterError) || error.status === undefined || error.status >= 500) throw error;
    return { refusal: podsRefused(name, error.message, settings) };
  }
}

/** In the words of the API server, with what to change. */
export function podsRefused(name: string, said: string, settings: PodSettings): Finding {
  // 'Could not create pod …: pods "x" is forbidden: failed quota: four: must specify limits.cpu for: main'
  const why = /is forbidden: (.*)$/s.exec(said)?.[1] ?? /: (.*)$/s.exec(said)?.[1] ?? said;
  return {
    code: 'pods-refused',
    message: `The pods of ${name} are refused: ${why.trim().replace(/\.$/, '')}.`,
    todo: todoOf(why, settings),
  };
}

function todoOf(why: string, settings: PodSettings): string {
  if (/PodSecurity/.test(why))
    return 'Choose another namespace, or one with a level of Pod Security that admits them.';
  if (/webhook|AdmissionPolicy|denied/.test(why))
    return 'Meet that rule with image, resources or tolerations of the cluster in misfortune.yaml, or choose another namespace.';
  if (/quota|limit|request|maximum|minimum|cpu|memory/i.test(why))
    return `Set ${settings} of the cluster in misfortune.yaml, or make room in the quota.`;
  return 'Choose another namespace, or ask who made this rule.';
}

/** Why the pods of a Job or Deployment are not made, if its controller says so; undefined otherwise, or if that may not be read. */
export async function refusalOfPods(
  ref: Ref,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const object = await cluster.get(ref, signal);
  const conditions = fieldAt(object, ['status', 'conditions']);
  const failure = (Array.isArray(conditions) ? conditions : []).find((each) => {
    return isRecord(each) && each.type === 'ReplicaFailure' && each.status === 'True';
  }) as { message?: string } | undefined;
  if (failure?.message) return failure.message;
  if (object?.kind !== 'Job') return undefined;
  try {
    const fieldSelector = `involvedObject.uid=${object.metadata.uid},reason=FailedCreate`;
    const { namespace } = ref;
    const events = await cluster.list({ kind: 'events' }, { namespace, fieldSelector }, signal);
    const last = events.at(-1)?.message;
    // An account that was just made is not known everywhere yet.
    return typeof last === 'string' && !/service ?account/.test(last) ? last : undefined;
  } catch (error) {
    if (error instanceof ClusterError && error.status === 403) return undefined;
    throw error;
  }
}

/** A pod of the template. Its account may not be there yet, and says nothing of what is admitted. */
function podOf(object: ClusterObject): ClusterObject {
  const template = fieldAt(object, ['spec', 'template']) as {
    metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
    spec: Record<string, unknown>;
  };
  const { serviceAccountName: _account, ...spec } = template.spec;
  const { name, namespace } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `${name}-x7k2p`, namespace },
    spec: { ...spec, automountServiceAccountToken: false },
  };
}
