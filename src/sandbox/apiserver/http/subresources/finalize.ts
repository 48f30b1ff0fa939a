/** namespaces/finalize: the one way to take a namespace's own finalizer away. */
import type { KubeObject } from '../../../api.ts';
import type { ResourceDefinition } from '../../kinds/definition.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { writeOptions } from '../requests/options.ts';
import { sendObject } from '../requests/read.ts';

export async function finalizeNamespace(call: Call, definition: ResourceDefinition): Promise<void> {
  const object = await readObject<KubeObject>(call, definition);
  const options = writeOptions(call, 'UpdateOptions');
  const { operations } = call.context.api;
  const updated = operations.update(
    definition,
    undefined,
    call.info.name ?? '',
    (draft) => ({ ...draft, spec: object.spec ?? {} }),
    { ...options, subresource: 'finalize' },
  );
  sendObject(call, 200, definition, updated);
}
