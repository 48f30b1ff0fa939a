/** deployments/scale, replicasets/scale and statefulsets/scale: autoscaling/v1 Scale. */
import type { KubeObject } from '../../../api.ts';
import type { ResourceDefinition } from '../../registry/definition.ts';
import { type FieldError, invalid } from '../../status.ts';
import { selectorText } from '../../table/printer.ts';
import { readBody } from '../body.ts';
import type { Call } from '../context.ts';
import { readObject } from '../object-body.ts';
import { writeOptions } from '../options.ts';
import { applyPatch, decodePatched, parsePatch, patchType, refusedPatch } from '../patch.ts';
import { sendJson } from '../respond.ts';
import { checkName, checkNamespace } from '../write.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale', model: 'V1Scale' };

interface Scale {
  metadata: { name?: string; namespace?: string; uid?: string; resourceVersion?: string };
  spec?: { replicas?: number };
}

export function getScale(call: Call, definition: ResourceDefinition): void {
  const { namespace, name = '' } = call.info;
  sendJson(call, 200, scaleOf(call.context.api.operations.get(definition, namespace, name)));
}

export async function replaceScale(call: Call, definition: ResourceDefinition): Promise<void> {
  const scale = await readObject<Scale>(call, scaleKind);
  write(call, definition, () => scale);
}

export async function patchScale(call: Call, definition: ResourceDefinition): Promise<void> {
  const type = patchType(call);
  const patch = parsePatch((await readBody(call.request)).toString('utf8'), type);
  write(call, definition, (current) => {
    const raw = applyPatch(current, patch, type, 'V1Scale');
    return decodePatched<Scale>(
      raw as Record<string, unknown>,
      scaleKind,
      [],
      refusedPatch(JSON.stringify(raw)),
    );
  });
}

function write(call: Call, definition: ResourceDefinition, change: (scale: unknown) => Scale): void {
  const options = writeOptions(call, 'UpdateOptions');
  const { namespace, name = '' } = call.info;
  const updated = call.context.api.operations.update(
    definition,
    namespace,
    name,
    (draft) => {
      const scale = change(scaleOf(draft));
      scale.metadata ??= {};
      checkName(scale, call);
      checkNamespace(scale, call, definition);
      validate(scale, name);
      draft.metadata.resourceVersion = scale.metadata.resourceVersion ?? '';
      if (scale.metadata.uid) draft.metadata.uid = scale.metadata.uid;
      draft.spec.replicas = scale.spec?.replicas ?? 0;
      return draft;
    },
    options,
  );
  sendJson(call, 200, scaleOf(updated));
}

function validate(scale: Scale, name: string): void {
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas >= 0) return;
  const error: FieldError = {
    type: 'Invalid',
    field: 'spec.replicas',
    message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
  };
  throw invalid(scaleKind, name, [error]);
}

function scaleOf(object: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = object.spec?.replicas;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: object.status?.replicas ?? 0, selector: selectorText(object.spec?.selector) },
  };
}
