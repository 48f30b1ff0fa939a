/** POST /bindings, the older way to bind a Pod. */
import type { KubeObject } from '../../../api.ts';
import { definitionOf } from '../../kinds/kinds.ts';
import type { Call } from '../context.ts';
import { bindPod } from '../subresources/binding.ts';

/** The Pod is named in the body: the call is turned into one to pods/binding once that is known. */
export async function bind(call: Call): Promise<void> {
  const named: Call = { ...call, info: { ...call.info, resource: 'pods', subresource: 'binding' } };
  await bindPod(named, definitionOf('pods')!, (binding: KubeObject) => {
    named.info.name = binding.metadata.name;
  });
}
