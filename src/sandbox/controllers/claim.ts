import type { Api, KubeObject, ResourceName } from '../api.ts';
import type { LabelSelector } from './kinds.ts';
import { controllerOf, controllerReference } from './owner.ts';
import { matchesSelector } from './selector.ts';

/**
 * The objects of `resource` that `owner` manages: matching orphans are adopted, objects of its own that
 * no longer match are released (Kubernetes' ControllerRefManager). `belongs` leaves out what is none of its business.
 */
export function claim<T extends KubeObject>(
  api: Api,
  owner: KubeObject,
  selector: LabelSelector,
  resource: ResourceName,
  belongs: (object: KubeObject) => boolean = () => true,
): T[] {
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  const claimed: T[] = [];
  for (const object of api.list(resource, { namespace: owner.metadata.namespace })) {
    if (!belongs(object)) continue;
    const controller = controllerOf(object);
    const matches = matchesSelector(selector, object.metadata.labels);
    if (controller) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (matches) claimed.push(object as T);
      else if (!deleting) release(api, owner, resource, object);
    } else if (matches && !deleting && object.metadata.deletionTimestamp === undefined) {
      const adopted = adopt(api, owner, resource, object);
      if (adopted) claimed.push(adopted as T);
    }
  }
  return claimed;
}

function adopt(api: Api, owner: KubeObject, resource: ResourceName, object: KubeObject) {
  return api.update(resource, object.metadata.namespace, object.metadata.name, (draft) => {
    if (draft.metadata.uid !== object.metadata.uid || controllerOf(draft)) return undefined;
    draft.metadata.ownerReferences = [...(draft.metadata.ownerReferences ?? []), controllerReference(owner)];
    return draft;
  });
}

function release(api: Api, owner: KubeObject, resource: ResourceName, object: KubeObject): void {
  api.update(resource, object.metadata.namespace, object.metadata.name, (draft) => {
    const kept = draft.metadata.ownerReferences?.filter((reference) => reference.uid !== owner.metadata.uid);
    if (kept?.length) draft.metadata.ownerReferences = kept;
    else delete draft.metadata.ownerReferences;
    return draft;
  });
}
