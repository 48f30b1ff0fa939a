/** NamespaceLifecycle: admission that holds for every kind. */
import type { KubeObject } from '../../api.ts';
import type { HookContext, ResourceDefinition } from '../kinds/definition.ts';
import { forbidden, notFound } from '../status.ts';

/** A new object needs a namespace that exists and is not being deleted. */
export function admitNamespace(
  definition: ResourceDefinition,
  object: KubeObject,
  context: HookContext,
): void {
  const name = object.metadata.namespace ?? '';
  const namespace = context.get('namespaces', undefined, name);
  if (!namespace) throw notFound({ plural: 'namespaces', group: '' }, name);
  if (!namespace.metadata.deletionTimestamp) return;
  throw forbidden(
    definition,
    object.metadata.name,
    `unable to create new content in namespace ${name} because it is being terminated`,
    {
      causes: [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${name} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    },
  );
}
