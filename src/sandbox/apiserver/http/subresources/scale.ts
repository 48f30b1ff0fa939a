/** deployments/scale, replicasets/scale and statefulsets/scale: autoscaling/v1 Scale. */
import type { V1Scale } from '@kubernetes/client-node';
import type { Filled, Json } from '../../../../kubernetes.ts';
import type { KubeObject } from '../../../api.ts';
import type { ResourceDefinition, ScaleFields } from '../../kinds/definition.ts';
import { type FieldError, invalid } from '../../status.ts';
import { selectorText } from '../../table/printer.ts';
import type { Call } from '../context.ts';
import { readBody } from '../requests/body.ts';
import { readObject } from '../requests/object-body.ts';
import { writeOptions } from '../requests/options.ts';
import { applyPatch, decodePatched, parsePatch, patchType, refusedPatch } from '../requests/patch.ts';
import { checkName, checkNamespace } from '../requests/write.ts';
import { sendJson } from '../respond.ts';

const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale', model: 'V1Scale' };

type Scale = Filled<Json<V1Scale>, 'metadata'>;

export function getScale(call: Call, definition: ResourceDefinition): void {
  const { namespace, name = '' } = call.info;
  sendJson(call, 200, scaleOf(definition, call.context.api.operations.get(definition, namespace, name)));
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
      const scale = change(scaleOf(definition, draft));
      scale.metadata ??= {};
      checkName(scale, call);
      checkNamespace(scale, call, definition);
      validate(scale, name);
      draft.metadata.resourceVersion = scale.metadata.resourceVersion ?? '';
      if (scale.metadata.uid) draft.metadata.uid = scale.metadata.uid;
      fieldsOf(definition).set(draft, scale.spec?.replicas ?? 0);
      return draft;
    },
    options,
  );
  sendJson(call, 200, scaleOf(definition, updated));
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

/** Where the numbers of workloads stand. */
const ofWorkloads: ScaleFields = {
  wanted: ({ spec }) => spec?.replicas ?? 0,
  seen: ({ status }) => status?.replicas ?? 0,
  selector: ({ spec }) => selectorText(spec?.selector),
  set(object, replicas) {
    object.spec.replicas = replicas;
  },
};

const fieldsOf = ({ custom }: ResourceDefinition): ScaleFields => custom?.scale ?? ofWorkloads;

function scaleOf(definition: ResourceDefinition, object: KubeObject): Record<string, unknown> {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const { wanted, seen, selector } = fieldsOf(definition);
  const replicas = wanted(object);
  const labels = selector(object);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas ? { replicas } : {},
    status: { replicas: seen(object), ...(labels ? { selector: labels } : {}) },
  };
}
