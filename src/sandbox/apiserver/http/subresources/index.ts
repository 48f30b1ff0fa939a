/** Which handler answers a subresource. */
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { noSuchResource } from '../../status.ts';
import type { Call } from '../context.ts';
import { patchObject } from '../requests/patch.ts';
import { getObject } from '../requests/read.ts';
import { replaceObject } from '../requests/write.ts';
import { bindPod } from './binding.ts';
import { evictPod } from './eviction.ts';
import { finalizeNamespace } from './finalize.ts';
import { readLog } from './log.ts';
import { passOn } from './proxy.ts';
import { getScale, patchScale, replaceScale } from './scale.ts';
import { refuseWithoutUpgrade } from './streams.ts';
import { issueToken } from './token.ts';

type Handler = (call: Call, definition: ResourceDefinition) => void | Promise<void>;

/** Reads the whole object and writes a part of it (see operations.ts). */
const part: Record<string, Handler> = { get: getObject, update: replaceObject, patch: patchObject };

const handlers: Record<string, Record<string, Handler>> = {
  attach: { get: refuseWithoutUpgrade, create: refuseWithoutUpgrade },
  binding: { create: bindPod },
  ephemeralcontainers: part,
  eviction: { create: evictPod },
  exec: { get: refuseWithoutUpgrade, create: refuseWithoutUpgrade },
  finalize: { update: finalizeNamespace },
  log: { get: readLog },
  portforward: { get: refuseWithoutUpgrade, create: refuseWithoutUpgrade },
  proxy: { create: passOn, delete: passOn, get: passOn, patch: passOn, update: passOn },
  scale: { get: getScale, update: replaceScale, patch: patchScale },
  status: part,
  token: { create: issueToken },
};

export async function subresourceHandler(call: Call, definition: ResourceDefinition): Promise<void> {
  const { subresource = '', verb } = call.info;
  const handler = handlers[subresource]?.[verb];
  if (!handler) throw noSuchResource();
  await handler(call, definition);
}
