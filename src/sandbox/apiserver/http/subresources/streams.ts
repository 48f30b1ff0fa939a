/** pods/exec, pods/attach and pods/portforward asked for without an upgrade. */
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { containerOf } from './container.ts';

export function refuseWithoutUpgrade(call: Call, definition: ResourceDefinition): void {
  const { namespace, name = '', subresource } = call.info;
  const pod = call.context.api.operations.get(definition, namespace, name);
  if (subresource !== 'portforward') containerOf(pod, call.url.searchParams.get('container'));
  throw badRequest('Upgrade request required');
}
