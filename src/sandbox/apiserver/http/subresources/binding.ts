/** pods/binding: puts a Pod on a node, as schedulers do. */
import type { KubeObject } from '../../../api.ts';
import { ApiError } from '../../../api.ts';
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { conflict } from '../../status.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { writeOptions } from '../requests/options.ts';
import { sendSuccess } from './success.ts';

const bindingKind = { group: '', version: 'v1', kind: 'Binding', model: 'V1Binding' };

/** `seen` is told of the body before anything is done with it. */
export async function bindPod(
  call: Call,
  definition: ResourceDefinition,
  seen: (binding: KubeObject) => void = () => {},
): Promise<void> {
  const binding = await readObject<KubeObject>(call, bindingKind);
  seen(binding);
  const node: string = binding.target?.name ?? '';
  if (!node) throw new ApiError(500, '', 'target.name: Required value');
  const { namespace, name = '' } = call.info;
  call.context.api.operations.update(
    definition,
    namespace,
    name,
    (pod) => {
      if (pod.spec.nodeName) {
        const why = `pod ${name} is already assigned to node ${JSON.stringify(pod.spec.nodeName)}`;
        throw conflict({ plural: 'pods/binding', group: '' }, name, why);
      }
      pod.spec.nodeName = node;
      Object.assign(pod.metadata, merged(pod, binding));
      return pod;
    },
    { ...writeOptions(call, 'CreateOptions'), subresource: 'binding' },
  );
  sendSuccess(call);
}

/** Labels and annotations of the binding go onto the Pod. */
function merged(pod: KubeObject, binding: KubeObject): Partial<KubeObject['metadata']> {
  const { labels, annotations } = binding.metadata ?? {};
  return {
    ...(labels ? { labels: { ...pod.metadata.labels, ...labels } } : {}),
    ...(annotations ? { annotations: { ...pod.metadata.annotations, ...annotations } } : {}),
  };
}
