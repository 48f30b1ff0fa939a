import type { KubeObject, NewObject } from '../api.ts';
import type { ControllerContext } from './context.ts';
import type { Pod, PodTemplate } from './kinds.ts';
import { controllerReference } from './owner.ts';

export interface PodExtras {
  /** Default: the owner's name and a dash. */
  generateName?: string;
  finalizers?: string[];
  /** Applied to the new pod before it is created. */
  change?: (pod: KubeObject) => void;
}

/** A pod of `owner` as its template describes it. */
export function podFrom(owner: KubeObject, template: PodTemplate, extras: PodExtras = {}): NewObject {
  const { labels, annotations, finalizers = [] } = template.metadata ?? {};
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: extras.generateName ?? `${owner.metadata.name}-`,
      namespace: owner.metadata.namespace,
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers.length + (extras.finalizers?.length ?? 0) > 0 && {
        finalizers: [...finalizers, ...(extras.finalizers ?? [])],
      }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: structuredClone(template.spec),
  };
  extras.change?.(pod as unknown as KubeObject);
  return pod;
}

/** Creates a pod of `owner` from its template; tells of it in an Event, as of a failure, which is thrown. */
export function createPod(
  { api, events }: ControllerContext,
  component: string,
  owner: KubeObject,
  template: PodTemplate,
  extras: PodExtras = {},
): Pod {
  try {
    const created = api.create('pods', podFrom(owner, template, extras), component) as Pod;
    events.record(component, owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return created;
  } catch (error) {
    events.record(component, owner, 'Warning', 'FailedCreate', `Error creating: ${(error as Error).message}`);
    throw error;
  }
}

/** Deletes a pod of `owner` and tells of it in an Event. */
export function deletePod(
  { api, events }: ControllerContext,
  component: string,
  owner: KubeObject,
  pod: Pod,
): void {
  const { name, namespace, uid } = pod.metadata;
  api.delete('pods', namespace, name, { uid });
  events.record(component, owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
}
