import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ResourceName } from '../api.ts';
import type { ControllerContext } from './context.ts';

/** Writes what a controller (`by`) found of an object, unless it says so already or another object has its name by now. */
export function writeStatus(
  { api }: ControllerContext,
  [resource, by]: readonly [ResourceName, string],
  { metadata: { namespace, name, uid } }: Pick<KubeObject, 'metadata'>,
  status: object,
): void {
  api.update(
    resource,
    namespace,
    name,
    (draft) => {
      if (draft.metadata.uid !== uid || isDeepStrictEqual(draft.status, status)) return undefined;
      return { ...draft, status };
    },
    { subresource: 'status', by },
  );
}
