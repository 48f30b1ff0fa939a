import type { Api, KubeObject, ResourceName } from '../api.ts';
import type { LabelSelector } from './kinds.ts';
import { controllerOf } from './owner.ts';
import { matchesSelector } from './selector.ts';
import { keyOf } from './work-queue.ts';

interface Claimant extends KubeObject {
  spec: { selector: LabelSelector };
}

/**
 * Queues whoever has to look at a changed object: the one of `kind` that controls it, or each whose selector matches an
 * object that nobody controls.
 */
export function queueClaimants(
  api: Api,
  queue: { add(key: string): void },
  { resource, kind }: { resource: ResourceName; kind: string },
  object: KubeObject,
): void {
  const controller = controllerOf(object);
  const { namespace, labels } = object.metadata;
  if (controller) {
    if (controller.kind === kind) queue.add(`${namespace}/${controller.name}`);
    return;
  }
  for (const owner of api.list(resource, { namespace }) as Claimant[])
    if (matchesSelector(owner.spec.selector, labels)) queue.add(keyOf(owner));
}
