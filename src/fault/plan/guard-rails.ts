import { atOnce } from '../../at-once.ts';
import { type Finding, isOpened, optInLabel } from '../../cluster/access/opened.ts';
import type { Cluster, PermissionNeed } from '../../cluster/cluster.ts';
import { corednsRef } from '../../cluster/coredns.ts';
import { sameObject, singular } from '../../cluster/ref.ts';
import type { Amount, Limits } from '../../config/schema.ts';
import { mebibytes, quantityNumber } from '../../quantity.ts';
import type { GuardianSettings } from '../guardian/settings.ts';
import type { Plan } from './plan.ts';

/** What may be touched on this cluster, and how much of it. */
export interface Guard {
  /** The namespaces of misfortune.yaml, or the sandbox's. */
  namespaces: readonly string[];
  /** UID of the marker object that the sandbox said it has; undefined for any other cluster. */
  sandboxMarker?: string;
  limits: Limits;
  /** Real seconds until the game's time-out. */
  secondsToPlay: number;
  /** Where the copy of the ledger goes, and who watches over it; undefined: there is only the file. */
  guardian?: GuardianSettings;
  /** The namespace in which responders on other machines reach the game; undefined: they do not. */
  mailbox?: string;
  /** What the game reads besides, to follow and to judge what is done. */
  reads?: readonly PermissionNeed[];
}

/** On a namespace that is played on: the game ends, and none begins. */
export const abortAnnotation = 'misfortune.dev/abort';
/** By its UID a sandbox of ours is recognised. */
export const markerRef = { kind: 'configmap', namespace: 'kube-system', name: 'cluster-identity' };

const neverTargets = new Set(['kube-system', 'kube-public', 'kube-node-lease']);

/**
 * Whether this is the sandbox that it is said to be, and the namespaces were opened for games. There is no way to force it.
 * Other clusters come from misfortune.yaml alone (`game/start/place.ts`).
 */
export async function checkOpened(guard: Guard, cluster: Cluster, signal?: AbortSignal): Promise<Finding[]> {
  const findings: Finding[] = [];
  const [marker, maintenance, found] = await Promise.all([
    guard.sandboxMarker === undefined ? undefined : cluster.get(markerRef, signal),
    checkMaintenance(guard, cluster, signal),
    atOnce(guard.namespaces, (name) => cluster.get({ kind: 'namespace', name }, signal)),
  ]);
  if (guard.sandboxMarker !== undefined && marker?.metadata.uid !== guard.sandboxMarker)
    findings.push({
      code: 'not-the-sandbox',
      message: `The cluster at ${cluster.server} is not the sandbox that was started: its marker differs.`,
      todo: 'Start a new one with `misfortune sandbox`.',
    });
  findings.push(...maintenance);
  for (const [index, name] of guard.namespaces.entries()) {
    const namespace = found[index];
    if (neverTargets.has(name))
      findings.push({ code: 'system-namespace', message: `The namespace ${name} is never a target.` });
    else if (!namespace)
      findings.push({
        code: 'no-namespace',
        message: `There is no namespace ${name}.`,
        todo: `Deploy the stack there, or correct namespaces in misfortune.yaml; \`kubectl create namespace ${name}\` makes an empty one.`,
      });
    else if (namespace.metadata.deletionTimestamp)
      findings.push({ code: 'namespace-ending', message: `The namespace ${name} is being deleted.` });
    else if (!isOpened(namespace))
      findings.push({
        code: 'namespace-not-allowed',
        message: `The namespace ${name} does not carry the label ${optInLabel}=allowed.`,
        todo: `Its owner opens it with \`kubectl label namespace ${name} ${optInLabel}=allowed\`.`,
      });
    else if (namespace.metadata.annotations?.[abortAnnotation] !== undefined)
      findings.push({
        code: 'abort-annotation',
        message: `Games in the namespace ${name} are blocked by the annotation ${abortAnnotation}.`,
        todo: `Ask who set it; \`kubectl annotate namespace ${name} ${abortAnnotation}-\` removes it.`,
      });
  }
  return findings;
}

async function checkMaintenance(
  { guardian, namespaces }: Guard,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<Finding[]> {
  if (!guardian) return [];
  const { namespace: name } = guardian;
  if (namespaces.includes(name))
    return [
      {
        code: 'maintenance-is-target',
        message: `The namespace ${name} is a target of the game, so it cannot hold the copy of the ledger.`,
        todo: 'Name another one under guardian.namespace in misfortune.yaml.',
      },
    ];
  const namespace = await cluster.get({ kind: 'namespace', name }, signal);
  if (namespace?.metadata.deletionTimestamp)
    return [
      {
        code: 'no-maintenance-namespace',
        message: `The namespace ${name} is being deleted: the copy of the ledger is kept there.`,
        todo: `Wait until it is deleted, then create it again: \`kubectl wait --for=delete namespace/${name} && kubectl create namespace ${name}\`.`,
      },
    ];
  if (namespace) return [];
  return [
    {
      code: 'no-maintenance-namespace',
      message: `There is no namespace ${name}: the copy of the ledger is kept there${guardian.mode === 'off' ? '' : ', and the guardian runs there'}.`,
      todo: `Make it with \`kubectl create namespace ${name}\`, or name another one under guardian.namespace in misfortune.yaml.`,
    },
  ];
}

/** Whether the plan stays inside its limits. */
export function checkLimits(plan: Plan, guard: Guard, nodesInAll: number): Finding[] {
  const { limits, secondsToPlay, namespaces } = guard;
  const { blastRadius, deadlines, operations } = plan;
  const findings: Finding[] = [];
  const over = (what: string, is: string, allowed: string) =>
    findings.push({
      code: 'over-limit',
      message: `${what}: ${is}, and ${allowed} allowed.`,
      todo: 'Choose a smaller fault, or raise the limit in misfortune.yaml.',
    });
  const minutes = secondsToPlay / 60;
  if (minutes > limits.minutes)
    over('The game lasts too long', `${minutes} minutes`, `${limits.minutes} are`);
  const rate = blastRadius.requestsPerSecond;
  if (rate > limits.requestsPerSecond)
    over('The load is too high', `${rate} requests per second`, `${limits.requestsPerSecond} are`);
  const { cores, memoryBytes } = blastRadius.taken;
  const most = limits.stress;
  if (cores > most.cpu) over('Too much CPU is taken', `${cores} cores`, `${most.cpu} are`);
  if (memoryBytes > (quantityNumber(most.memory) ?? 0))
    over('Too much memory is taken', mebibytes(memoryBytes), `${most.memory} is`);
  const { workloads, workloadsInAll, nodes } = blastRadius;
  if (exceeds(workloads.length, workloadsInAll, limits.workloads))
    over('Too many workloads', `${workloads.length} of ${workloadsInAll}`, `${amount(limits.workloads)} are`);
  if (exceeds(nodes.length, nodesInAll, limits.nodes))
    over('Too many nodes', `${nodes.length} of ${nodesInAll}`, `${amount(limits.nodes)} are`);
  for (const { operation, seconds } of deadlines)
    if (seconds !== undefined && seconds <= secondsToPlay)
      findings.push({
        code: 'ends-too-early',
        message: `${operation} ends by itself after ${seconds} s, before the game's time-out at ${secondsToPlay} s.`,
      });
  for (const { id, verb, ref, reverts } of operations) {
    // Nodes are in no namespace: the limit on nodes is theirs.
    const isNode = singular(ref.kind) === 'node' && ref.namespace === undefined;
    // What no other type changes. Nobody opened the whole cluster: only the sandbox is ours.
    const isDns = verb === 'patch' && sameObject(ref, corednsRef);
    if (isDns && guard.sandboxMarker === undefined)
      findings.push({
        code: 'whole-cluster',
        message: `${id} would change ${ref.kind} ${ref.namespace}/${ref.name}, which answers names for everybody on the cluster.`,
        todo: 'Play it in the sandbox, or choose a fault that stays in an allowed namespace.',
      });
    if (reverts === 'lasting')
      findings.push({
        code: 'lasting',
        message: `${id} cannot be undone.`,
        todo: 'Choose a fault that can be undone.',
      });
    if (!isNode && !isDns && (!ref.namespace || !namespaces.includes(ref.namespace)))
      findings.push({
        code: 'namespace-not-allowed',
        message: `${id} would touch ${ref.kind} ${ref.name} outside of the allowed namespaces.`,
      });
  }
  return findings;
}

function exceeds(count: number, all: number, limit: Amount): boolean {
  if (count === 0) return false;
  return 'count' in limit
    ? count > limit.count
    : count > Math.max(1, Math.floor((all * limit.percent) / 100));
}

function amount(limit: Amount): string {
  return 'count' in limit ? String(limit.count) : `${limit.percent}%`;
}
