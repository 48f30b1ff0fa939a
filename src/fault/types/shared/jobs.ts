import type { ClusterObject, PermissionNeed, Ref } from '../../../cluster/cluster.ts';
import { ourPodSpec, withoutSidecar } from '../../../cluster/our-pod.ts';
import { parseRef, refOf } from '../../../cluster/ref.ts';
import type { CompileContext } from '../../fault-type.ts';
import { newNonce } from '../../ledger/nonce.ts';
import type { OperationDraft } from '../../operation.ts';
import { assertCreatable } from '../apply/guard.ts';
import { type Disguise, disguiseLabels } from './disguise.ts';
import { assertAllowed, existing } from './target.ts';

/** What is done, undone and looked at by three commands, each in a Job of its own. */
export interface ByJobs {
  /** What it changes something of. */
  target: string;
  commands: { do: string[]; undo: string[]; check: string[] };
  /** Instead of the image of our own pods. */
  image?: string | undefined;
  env: Record<string, string>;
  /** More of each container: variables out of Secrets. */
  container: { env?: object[]; envFrom?: object[] };
  /** Milliseconds that each command may take. */
  within: number;
  disguise: Disguise;
  /** For the game master. */
  described: string;
}

export function jobRef({ name, namespace }: Pick<Disguise, 'name' | 'namespace'>): Ref {
  return { kind: 'job', group: 'batch', namespace, name };
}

/** What `run` and `sql` ask of RBAC. */
export function jobPermissions({
  target,
  disguise: { namespace },
}: Pick<ByJobs, 'target' | 'disguise'>): PermissionNeed[] {
  return [
    { verbs: ['get'], ...parseRef(target) },
    { verbs: ['create', 'get', 'delete'], kind: 'job', group: 'batch', namespace },
    { verbs: ['list'], kind: 'pod', namespace },
    { verbs: ['get'], kind: 'pod', namespace, subresource: 'log' },
  ];
}

/** Throws MisfortuneError `unknown-object`, `namespace-not-allowed`, and of what must not be created. */
export async function runByJobs(what: ByJobs, context: CompileContext): Promise<OperationDraft> {
  const target = parseRef(what.target);
  assertAllowed(target, context.namespaces, 'The target');
  await existing(target, context.cluster);
  assertAllowed(jobRef(what.disguise), context.namespaces, 'The Job');
  const { commands } = what;
  const jobs = {
    do: jobOf(what, '', commands.do, context),
    undo: jobOf(what, '-undo', commands.undo, context),
    check: jobOf(what, '-check', commands.check, context),
  };
  for (const job of Object.values(jobs)) assertCreatable(job);
  return {
    verb: 'run',
    ref: refOf(jobs.do),
    ...jobs,
    nonce: newNonce(),
    // The Job's own deadline counts from its first pod.
    within: what.within / 1000 + 15,
    describe: what.described,
    reverts: 'reverts',
    ready: [],
  };
}

function jobOf(
  { disguise, image, env, container, within }: ByJobs,
  suffix: string,
  command: string[],
  settings: CompileContext,
): ClusterObject {
  const { name, namespace, mesh } = disguise;
  const optOut = mesh === 'hidden';
  const resources = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } };
  const spec = ourPodSpec(
    { command, env, resources },
    { ...settings, ...(image !== undefined && { image }) },
  ) as { containers: { env: object[] }[] };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: `${name}${suffix}`, namespace, labels: disguiseLabels(name) },
    spec: {
      // A pod may be evicted: the commands can be run twice.
      backoffLimit: 2,
      activeDeadlineSeconds: Math.ceil(within / 1000),
      template: {
        metadata: {
          labels: { ...disguiseLabels(name), ...(optOut && withoutSidecar.labels) },
          ...(optOut && { annotations: withoutSidecar.annotations }),
        },
        spec: {
          ...spec,
          containers: spec.containers.map((each) => ({
            ...each,
            ...container,
            env: [...each.env, ...(container.env ?? [])],
          })),
        },
      },
    },
  };
}
