/** What a pod of a StatefulSet is: its number, its name, its revision. */
import type { KubeObject, NewObject } from '../../api.ts';
import type { ControllerContext } from '../context.ts';
import type { ControllerRevision, Pod, StatefulSet } from '../kinds.ts';
import { podFrom } from '../pod-control.ts';
import { templateOf } from '../revisions.ts';

export const COMPONENT = 'statefulset-controller';
const REVISION_LABEL = 'controller-revision-hash';

/** The number at the end of the pod's name; undefined for a pod that is not named after the set. */
export function ordinalOf(set: StatefulSet, pod: KubeObject): number | undefined {
  const found = /^(.*)-(0|[1-9]\d*)$/.exec(pod.metadata.name);
  return found?.[1] === set.metadata.name ? Number(found[2]) : undefined;
}

/** The name of the ControllerRevision that the pod was made from. */
export function revisionName(pod: KubeObject): string {
  return pod.metadata.labels?.[REVISION_LABEL] ?? '';
}

/** Creates the pod with this number and tells of it; a failure is told and thrown. */
export function createMember(
  { api, events }: ControllerContext,
  set: StatefulSet,
  ordinal: number,
  revision: ControllerRevision,
): void {
  const pod = memberOf(set, ordinal, revision);
  const [claim] = set.spec.volumeClaimTemplates ?? [];
  try {
    // As on a cluster whose API lacks the kind: no pod runs without the volume that it was promised.
    if (claim) throw new Error('the server could not find the requested resource');
    api.create('pods', pod, COMPONENT);
  } catch (error) {
    const what = claim ? `Claim ${claim.metadata.name}-${pod.metadata.name} ` : '';
    const message = `Create ${what}Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`;
    events.record(COMPONENT, set, 'Warning', 'FailedCreate', message);
    throw error;
  }
  const message = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  events.record(COMPONENT, set, 'Normal', 'SuccessfulCreate', message);
}

/** Deletes a pod and tells of it. */
export function deleteMember({ api, events }: ControllerContext, set: StatefulSet, pod: Pod): void {
  const { name, namespace, uid } = pod.metadata;
  api.delete('pods', namespace, name, { uid });
  const message = `Delete Pod ${name} in StatefulSet ${set.metadata.name} successful`;
  events.record(COMPONENT, set, 'Normal', 'SuccessfulDelete', message);
}

function memberOf(set: StatefulSet, ordinal: number, revision: ControllerRevision): NewObject {
  const name = `${set.metadata.name}-${ordinal}`;
  return podFrom(set, templateOf(revision), {
    change: (pod) => {
      pod.metadata.name = name;
      pod.metadata.labels = {
        ...pod.metadata.labels,
        'apps.kubernetes.io/pod-index': String(ordinal),
        [REVISION_LABEL]: revision.metadata.name,
        'statefulset.kubernetes.io/pod-name': name,
      };
      pod.spec.hostname = name;
      pod.spec.subdomain = set.spec.serviceName;
    },
  });
}
