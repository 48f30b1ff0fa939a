import { z } from 'zod';
import type { Random } from '../../../clock.ts';
import type { ClusterObject, Ref } from '../../../cluster/cluster.ts';
import { parseRef } from '../../../cluster/ref.ts';
import { namespacedName, refText, serviceText } from '../../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { CompileContext, FaultType } from '../../fault-type.ts';
import type { OperationDraft } from '../../operation.ts';
import { restartClaim, restartOperation } from '../shared/restart.ts';
import { assertAllowed } from '../shared/target.ts';
import {
  type Entry,
  findEntry,
  readEntries,
  withAddedEntry,
  withAddress,
  withoutEntry,
  withWeight,
} from './entries.ts';

const schema = z
  .strictObject({
    configMap: namespacedName('configmap').describe(
      "The ConfigMap with the load balancer's list, as namespace/name.",
    ),
    key: z.string().min(1).describe('The key that holds the list.'),
    block: z.string().optional().describe('For nginx: which upstream block, if there are several.'),
    entry: z
      .union([z.int().positive(), z.string().min(1)])
      .describe('Which entry: its name, its address, or its place from 1. `add` for one more.'),
    becomes: z
      .enum(['dead', 'wrong', 'weighted', 'removed'])
      .describe(
        'dead: an address on which nothing answers. wrong: another Service. weighted: gets another share, with nginx. removed: gone from the list.',
      ),
    weight: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .describe('Its weight where it becomes weighted; the others keep theirs.'),
    service: serviceText.optional().describe('The Service that a wrong entry leads to.'),
    restart: refText
      .optional()
      .describe('A workload that is rolled out again: nginx reads its configuration when it starts.'),
  })
  .superRefine((spec, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((spec.becomes === 'wrong') !== (spec.service !== undefined))
      issue('Expected service where, and only where, becomes is wrong.');
    if ((spec.becomes === 'weighted') !== (spec.weight !== undefined))
      issue('Expected weight where, and only where, becomes is weighted.');
    if (['removed', 'weighted'].includes(spec.becomes) && spec.entry === 'add')
      issue('Expected an entry that is there, got add.');
  });

export type UpstreamSpec = z.output<typeof schema>;

export const upstream: FaultType<UpstreamSpec> = {
  type: 'upstream',
  mechanism: 'upstream',
  cause: 'an address that traffic is sent to is wrong or missing',
  reverts: 'reverts',
  combines:
    'With all others. Two entries of one list are two faults on one text: let a `config` set the whole text.',
  schema,
  about:
    "Breaks one entry of a load balancer's list of upstreams in a ConfigMap: the shop's edge, or nginx' `upstream` blocks. Comments and layout stay. nginx tries the next server where one does not answer: a dead one shows as errors only with `proxy_next_upstream off` or for requests that may not be repeated, and otherwise as delays.",
  describe: (spec) =>
    spec.entry === 'add'
      ? `one more, ${spec.becomes} entry in ${spec.configMap}`
      : `entry ${spec.entry} of ${spec.configMap} ${spec.becomes}`,
  permissions: (spec) => [
    { verbs: ['get', 'patch'], ...target(spec) },
    ...(spec.becomes === 'dead' ? [{ verbs: ['list'], kind: 'pod', namespace: target(spec).namespace }] : []),
    ...(spec.service === undefined ? [] : [{ verbs: ['get'], ...parseRef(spec.service) }]),
    ...(spec.restart === undefined ? [] : [{ verbs: ['get', 'patch'], ...parseRef(spec.restart) }]),
  ],
  claims: (spec) => [
    { ref: target(spec), path: ['data', spec.key] },
    ...(spec.restart === undefined ? [] : [restartClaim(parseRef(spec.restart))]),
  ],
  async compile(spec, context) {
    const ref = target(spec);
    assertAllowed(ref, context.namespaces, 'The ConfigMap');
    const object = await context.cluster.get(ref);
    const text = (object?.data as Record<string, string> | undefined)?.[spec.key];
    if (text === undefined)
      throw new MisfortuneError(
        'unknown-list',
        `There is no key ${spec.key} in ConfigMap ${spec.configMap}.`,
        {
          todo: `See \`kubectl -n ${ref.namespace} get configmap ${ref.name} -o yaml\`.`,
          exitCode: exitCodes.refused,
        },
      );
    const to = await changed(text, spec, context);
    const describe = `set data["${spec.key}"]: ${upstream.describe(spec)}`;
    const changes = [{ path: ['data', spec.key], to }];
    const operations: OperationDraft[] = [
      { verb: 'patch', ref, changes, describe, reverts: 'reverts', ready: [] },
    ];
    if (spec.restart !== undefined) operations.push(restartOperation(parseRef(spec.restart), context));
    return operations;
  },
  example: { configMap: 'shop/edge-upstreams', key: 'upstreams.yaml', entry: 'till-4', becomes: 'dead' },
};

async function changed(text: string, spec: UpstreamSpec, context: CompileContext): Promise<string> {
  const entries = readEntries(text, spec.block);
  const entry = spec.entry === 'add' ? entries.at(-1)! : findEntry(entries, spec.entry);
  if (spec.becomes === 'removed') {
    if (entries.length > 1) return withoutEntry(text, entry);
    throw new MisfortuneError('last-upstream', 'The only entry of a list cannot be removed.', {
      todo: 'Let it become dead instead.',
    });
  }
  if (spec.becomes === 'weighted') return withWeight(text, entry, spec.weight!);
  const address = spec.becomes === 'dead' ? await dead(spec, entry, context) : await wrong(spec, context);
  return spec.entry === 'add' ? withAddedEntry(text, entries, address) : withAddress(text, entry, address);
}

async function dead(spec: UpstreamSpec, entry: Entry, context: CompileContext): Promise<string> {
  const pods = await context.cluster.list({ kind: 'pod' }, { namespace: target(spec).namespace });
  return deadAddress(pods, /:(\d+)$/.exec(entry.address)?.[1] ?? '80', context.random);
}

async function wrong(spec: UpstreamSpec, context: CompileContext): Promise<string> {
  const ref = parseRef(spec.service!);
  assertAllowed(ref, context.namespaces, 'The Service');
  const service = await context.cluster.get(ref);
  const { type, ports } = (service?.spec ?? {}) as { type?: string; ports?: { port: number }[] };
  const port = ports?.[0]?.port;
  if (port !== undefined && type !== 'ExternalName') return `${ref.name}.${ref.namespace}:${port}`;
  throw new MisfortuneError('unknown-target', `${spec.service} is not a Service with ports in the cluster.`, {
    todo: `See \`kubectl -n ${ref.namespace} get services\`.`,
    exitCode: exitCodes.refused,
  });
}

function target(spec: UpstreamSpec): Ref & { namespace: string } {
  const [namespace, name] = spec.configMap.split('/') as [string, string];
  return { kind: 'configmap', namespace, name };
}

/**
 * An address on which nothing answers: of the range that the pods of a node are in, and none of theirs. It
 * looks like what a pod that is gone leaves behind in a list that nobody cleans.
 */
function deadAddress(pods: readonly ClusterObject[], port: string, random: Random): string {
  const used = new Set(pods.flatMap((pod) => podIp(pod) ?? []));
  const prefixes = [...new Set([...used].map((ip) => ip.slice(0, ip.lastIndexOf('.'))))].sort();
  const prefix = prefixes[Math.floor(random() * prefixes.length)];
  if (prefix === undefined)
    throw new MisfortuneError('no-pods', 'There are no pods with an IPv4 address to tell the range from.', {
      todo: 'Start the stack, or name the address with `address`.',
      exitCode: exitCodes.refused,
    });
  const free = Array.from({ length: 200 }, (_, index) => `${prefix}.${index + 40}`).filter(
    (ip) => !used.has(ip),
  );
  return `${free[Math.floor(random() * free.length)]}:${port}`;
}

function podIp(pod: ClusterObject): string | undefined {
  const { podIP } = (pod.status ?? {}) as { podIP?: string };
  return podIP && /^\d+\.\d+\.\d+\.\d+$/.test(podIP) ? podIP : undefined;
}
