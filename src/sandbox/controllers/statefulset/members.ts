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
  context: ControllerContext,
  set: StatefulSet,
  ordinal: number,
  revision: ControllerRevision,
): void {
  const { api, events } = context;
  const pod = memberOf(set, ordinal, revision);
  try {
    createClaims(context, set, pod.metadata.name ?? '');
    api.create('pods', pod, COMPONENT);
  } catch (error) {
    const message = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} failed error: ${(error as Error).message}`;
    events.record(COMPONENT, set, 'Warning', 'FailedCreate', message);
    throw error;
  }
  const message = `Create Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name} successful`;
  events.record(COMPONENT, set, 'Normal', 'SuccessfulCreate', message);
}

/** A pod that comes back finds the claims that it had. */
function createClaims({ api, events }: ControllerContext, set: StatefulSet, pod: string): void {
  const { namespace } = set.metadata;
  for (const { metadata, spec } of set.spec.volumeClaimTemplates ?? []) {
    const name = `${metadata.name}-${pod}`;
    if (api.get('persistentvolumeclaims', namespace, name)) continue;
    const tell = (type: 'Normal' | 'Warning', reason: string, end: string) =>
      events.record(
        COMPONENT,
        set,
        type,
        reason,
        `create Claim ${name} Pod ${pod} in StatefulSet ${set.metadata.name} ${end}`,
      );
    try {
      api.create(
        'persistentvolumeclaims',
        {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          metadata: {
            name,
            namespace,
            labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
            annotations: metadata.annotations,
          },
          spec,
        },
        COMPONENT,
      );
    } catch (error) {
      tell('Warning', 'FailedCreate', `failed error: ${(error as Error).message}`);
      throw error;
    }
    tell('Normal', 'SuccessfulCreate', 'success');
  }
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
      const own = (set.spec.volumeClaimTemplates ?? []).map(({ metadata: { name: volume } }) => ({
        name: volume,
        persistentVolumeClaim: { claimName: `${volume}-${name}` },
      }));
      const others = ((pod.spec.volumes ?? []) as { name: string }[]).filter(
        (volume) => !own.some((one) => one.name === volume.name),
      );
      if (own.length > 0) pod.spec.volumes = [...own, ...others];
      pod.spec.hostname = name;
      pod.spec.subdomain = set.spec.serviceName;
    },
  });
}
