import type { V1PodTemplateSpec } from '@kubernetes/client-node';
import type { Finding } from '../../../cluster/access/opened.ts';
import type { Cluster, ClusterObject } from '../../../cluster/cluster.ts';
import { ClusterError } from '../../../cluster/cluster-error.ts';
import { fieldAt } from '../../../cluster/fields/path.ts';
import { formatRef, refOf } from '../../../cluster/ref.ts';
import type { Filled, Json } from '../../../kubernetes.ts';

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
    const message = `It is not known whether the pods of ${name} are admitted: a dry run needs the permission to create pods in ${namespace}.`;
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

/** A pod of the template. Its account may not be there yet, and says nothing of what is admitted. */
function podOf(object: ClusterObject): ClusterObject {
  const template = fieldAt(object, ['spec', 'template']) as Filled<Json<V1PodTemplateSpec>, 'spec'>;
  const { serviceAccountName: _account, ...spec } = template.spec;
  const { name, namespace } = object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template.metadata, name: `${name}-x7k2p`, namespace },
    spec: { ...spec, automountServiceAccountToken: false },
  };
}
