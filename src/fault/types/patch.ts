import { z } from 'zod';
import { type FieldChange, fieldChanges } from '../../cluster/fields/changes.ts';
import { formatPath, parsePath } from '../../cluster/fields/path.ts';
import { stated } from '../../cluster/fields/server-fields.ts';
import { parseRef } from '../../cluster/ref.ts';
import { refText } from '../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { CompileContext, FaultType } from '../fault-type.ts';
import { waitSchema } from './shared/rollout-wait.ts';
import { changePermissions, servedChanges } from './shared/served-changes.ts';
import { assertAllowed, existing } from './shared/target.ts';

const schema = z
  .strictObject({
    ref: refText.describe('The object, in an allowed namespace.'),
    set: z
      .record(z.string(), z.json())
      .optional()
      .describe('Field paths and their new values: spec.template.spec.containers[name=app].image.'),
    remove: z.array(z.string()).optional().describe('Field paths that go away.'),
    strategic: z
      .record(z.string(), z.json())
      .optional()
      .describe('A strategic merge patch, as kubectl patch has it.'),
    merge: z.record(z.string(), z.json()).optional().describe('A JSON merge patch (RFC 7396).'),
    json: z.array(z.record(z.string(), z.json())).optional().describe('A JSON patch (RFC 6902).'),
    wait: waitSchema,
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    const patches = [spec.strategic, spec.merge, spec.json].filter((patch) => patch !== undefined).length;
    const fields = spec.set !== undefined || spec.remove !== undefined;
    if (patches + (fields ? 1 : 0) !== 1)
      issue('Expected one way to say the change: set and remove, or strategic, or merge, or json.');
    for (const path of [...Object.keys(spec.set ?? {}), ...(spec.remove ?? [])]) {
      try {
        parsePath(path);
      } catch (error) {
        issue((error as Error).message);
      }
    }
  });

export type PatchSpec = z.output<typeof schema>;

/** Fields that are not a fault's to change: by these the object is known, owned and cleaned up. */
const untouchable = ['apiVersion', 'kind', 'status'];
const untouchableMetadata = ['name', 'namespace', 'uid', 'ownerReferences', 'finalizers', 'resourceVersion'];

export const patch: FaultType<PatchSpec> = {
  type: 'patch',
  mechanism: 'patch',
  cause: 'a field of an object was changed',
  reverts: 'reverts',
  combines:
    'With all others. Patches that the API server has to work out (strategic, json) are compared when it is planned.',
  schema,
  about:
    'Changes any field of any object in an allowed namespace. Runs that a CronJob began with a changed template are ended when it is undone.',
  describe: (spec) => {
    const fields = [...Object.keys(spec.set ?? {}), ...(spec.remove ?? [])];
    return `change ${fields.length > 0 ? fields.join(', ') : 'fields'} of ${spec.ref}`;
  },
  permissions: (spec) => changePermissions(parseRef(spec.ref)),
  claims: (spec) =>
    [...Object.keys(spec.set ?? {}), ...(spec.remove ?? [])].map((path) => {
      return { ref: parseRef(spec.ref), path: parsePath(path) };
    }),
  async compile(spec, context) {
    const ref = parseRef(spec.ref);
    assertAllowed(ref, context.namespaces, 'The object');
    const changes = await changesOf(spec, context);
    assertTouchable(changes);
    const describe = `change ${changes.map(({ path }) => formatPath(path)).join(', ')}`;
    const ready = spec.wait === 'rollout' ? [{ type: 'rollout' as const, ref, within: 180 }] : [];
    return [{ verb: 'patch', ref, changes, describe, reverts: 'reverts', ready }];
  },
  example: {
    ref: 'deployment.apps/shop/checkout',
    set: { 'spec.template.spec.containers[name=checkout].resources.limits.cpu': '300m' },
    wait: 'rollout',
  },
};

/** For patches the API server is asked what they would make of the object, so that its rules count, not ours. */
async function changesOf(spec: PatchSpec, context: CompileContext): Promise<FieldChange[]> {
  const ref = parseRef(spec.ref);
  const object = await existing(ref, context.cluster);
  const fields: FieldChange[] = [
    ...Object.entries(spec.set ?? {}).map(([path, to]) => ({ path: parsePath(path), to })),
    ...(spec.remove ?? []).map((path) => ({ path: parsePath(path), absent: true as const })),
  ];
  const body = spec.strategic ?? spec.merge ?? spec.json;
  const type = spec.strategic ? 'strategic' : spec.merge ? 'merge' : 'json';
  assertTouchable(fields);
  if (!body) return servedChanges(ref, object, fields, context);
  return fieldChanges(stated(object), stated(await context.dryRunPatch(ref, type, body)));
}

function assertTouchable(changes: readonly FieldChange[]): void {
  for (const { path } of changes) {
    const [first, second] = path.map(String);
    if (untouchable.includes(first!) || (first === 'metadata' && untouchableMetadata.includes(second!)))
      throw new MisfortuneError('untouchable-field', `A fault may not change ${formatPath(path)}.`, {
        todo: 'Change a field of its spec or data.',
        exitCode: exitCodes.refused,
      });
  }
}
