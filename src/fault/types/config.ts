import { z } from 'zod';
import { atOnce } from '../../at-once.ts';
import type { FieldChange } from '../../cluster/fields/changes.ts';
import { parseRef } from '../../cluster/ref.ts';
import { podsOf } from '../../cluster/wait/pods.ts';
import type { ReadyCondition } from '../../cluster/wait/ready.ts';
import { namespacedName, refText } from '../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { suggest } from '../../words/nearest.ts';
import type { FaultType } from '../fault-type.ts';
import type { OperationDraft, Readers } from '../operation.ts';
import { restartClaim, restartOperation } from './shared/restart.ts';
import { assertAllowed, existing } from './shared/target.ts';

const schema = z
  .strictObject({
    configMap: namespacedName('configmap').optional().describe('The ConfigMap, as namespace/name.'),
    secret: namespacedName('secret')
      .optional()
      .describe('Or the Secret, as namespace/name. Values are plain text here.'),
    set: z.record(z.string(), z.string()).default({}).describe('Keys and their new values.'),
    remove: z.array(z.string()).default([]).describe('Keys that go away.'),
    restart: refText
      .optional()
      .describe('A workload that is rolled out again, for programs that read their configuration once.'),
    readers: z
      .array(refText)
      .default([])
      .describe(
        'Workloads that read it only as they start and are left as they are: pods that start later have the new value. Those are made anew when it is undone.',
      ),
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((spec.configMap === undefined) === (spec.secret === undefined))
      issue('Expected exactly one of configMap and secret.');
    if (Object.keys(spec.set).length + spec.remove.length === 0) issue('Expected a key to set or to remove.');
    for (const key of spec.remove)
      if (key in spec.set) issue(`The key ${key} is both set and removed: say which one.`);
  });

export type ConfigSpec = z.output<typeof schema>;

export const config: FaultType<ConfigSpec> = {
  type: 'config',
  mechanism: 'config',
  cause: 'a setting in a ConfigMap or Secret was changed',
  reverts: 'reverts',
  combines: 'With all others, also on other keys of the same object. Only one fault may restart a workload.',
  schema,
  about:
    'Sets or removes keys of a ConfigMap or Secret, and can roll out a workload that reads it only once.',
  describe: (spec) => {
    const set = Object.keys(spec.set).map((key) => `set ${key}`);
    return `${[...set, ...spec.remove.map((key) => `remove ${key}`)].join(', ')} in ${target(spec).name}`;
  },
  permissions: (spec) => [
    { verbs: ['get', 'patch'], ...target(spec) },
    ...(spec.restart === undefined ? [] : [{ verbs: ['get', 'patch'], ...parseRef(spec.restart) }]),
    ...spec.readers.map(parseRef).flatMap((ref) => [
      { verbs: ['get'], ...ref },
      { verbs: ['list'], kind: 'replicaset', group: 'apps', namespace: ref.namespace },
      { verbs: ['list', 'delete'], kind: 'pod', namespace: ref.namespace },
    ]),
  ],
  claims: (spec) => [
    ...[...Object.keys(spec.set), ...spec.remove].map((key) => ({ ref: target(spec), path: ['data', key] })),
    ...(spec.restart === undefined ? [] : [restartClaim(parseRef(spec.restart))]),
  ],
  async compile(spec, context) {
    const ref = target(spec);
    assertAllowed(ref, context.namespaces, 'The object');
    const object = await context.cluster.get(ref);
    if (object?.immutable === true)
      throw new MisfortuneError('immutable', `${spec.configMap ?? spec.secret} is immutable.`, {
        todo: 'Choose one that can be changed.',
      });
    const there = Object.keys((object?.data as Record<string, string> | undefined) ?? {});
    for (const key of object ? spec.remove : []) if (!there.includes(key)) throw unknownKey(key, spec, there);
    const encode = (value: string) => (ref.kind === 'secret' ? Buffer.from(value).toString('base64') : value);
    const changes: FieldChange[] = [
      ...Object.entries(spec.set).map(([key, value]) => ({ path: ['data', key], to: encode(value) })),
      ...spec.remove.map((key) => ({ path: ['data', key], absent: true as const })),
    ];
    const readers = await atOnce(spec.readers, async (text): Promise<Readers> => {
      const reader = parseRef(text);
      assertAllowed(reader, context.namespaces, 'The workload');
      await existing(reader, context.cluster);
      const { all } = await podsOf(context.cluster, reader);
      return { ref: reader, before: all.map(({ metadata }) => metadata.uid ?? '') };
    });
    const rolledOut = readers.map(({ ref }): ReadyCondition => ({ type: 'rollout', ref, within: 180 }));
    const operations: OperationDraft[] = [
      {
        ...{ verb: 'patch', ref, changes, describe: config.describe(spec), reverts: 'reverts', ready: [] },
        ...(readers.length > 0 && { readers, healed: rolledOut }),
      },
    ];
    if (spec.restart !== undefined) operations.push(restartOperation(parseRef(spec.restart), context));
    return operations;
  },
  example: {
    configMap: 'shop/edge-upstreams',
    set: { 'upstreams.yaml': 'upstreams: []\n' },
    restart: 'deployment.apps/shop/edge',
  },
};

function unknownKey(
  key: string,
  { configMap, secret }: ConfigSpec,
  there: readonly string[],
): MisfortuneError {
  return new MisfortuneError('unknown-key', `${configMap ?? secret} has no key ${key}.`, {
    todo: suggest(key, there) ?? 'It has none.',
    exitCode: exitCodes.refused,
  });
}

function target(spec: ConfigSpec): { kind: string; namespace: string; name: string } {
  const [namespace, name] = (spec.configMap ?? spec.secret ?? '').split('/') as [string, string];
  return { kind: spec.secret === undefined ? 'configmap' : 'secret', namespace, name };
}
