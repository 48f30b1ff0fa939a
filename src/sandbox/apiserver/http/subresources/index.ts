import type { ResourceDefinition } from '../../registry/definition.ts';
import { noSuchResource } from '../../status.ts';
import type { Call } from '../context.ts';
import { patchObject } from '../patch.ts';
import { getObject } from '../read.ts';
import { replaceObject } from '../write.ts';

type Handler = (call: Call, definition: ResourceDefinition) => void | Promise<void>;

/** /status reads the whole object and writes its status. */
const whole: Record<string, Handler> = { get: getObject, update: replaceObject, patch: patchObject };

export async function subresourceHandler(call: Call, definition: ResourceDefinition): Promise<void> {
  const { subresource, verb } = call.info;
  if (subresource === 'status' && whole[verb]) return whole[verb](call, definition);
  throw noSuchResource();
}
