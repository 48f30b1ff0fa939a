import { isDeepStrictEqual } from 'node:util';
import type { ControllerContext } from '../context.ts';
import type { Condition, Deployment, DeploymentStatus } from '../kinds.ts';
import { timestamp } from '../time.ts';
import { REVISION } from './annotations.ts';
import { withCondition } from './conditions.ts';
import { COMPONENT } from './scaling.ts';

/** What one write can bring about: a changed status, the number of the present revision, or both. */
export interface DeploymentNews {
  status?: (status: DeploymentStatus) => DeploymentStatus;
  revision?: number;
}

export function writeDeployment(
  { api }: ControllerContext,
  deployment: Deployment,
  { status: change, revision }: DeploymentNews,
): void {
  const { namespace, name, uid } = deployment.metadata;
  api.update(
    'deployments.apps',
    namespace,
    name,
    (draft) => {
      if (draft.metadata.uid !== uid) return undefined;
      const status = change ? change(draft.status ?? {}) : draft.status;
      const before = draft.metadata.annotations;
      const annotations = revision === undefined ? before : { ...before, [REVISION]: String(revision) };
      if (isDeepStrictEqual(status, draft.status) && isDeepStrictEqual(annotations, before)) return undefined;
      // Annotations may be written through the status, as real controllers do it: one write, one event.
      return { ...draft, metadata: { ...draft.metadata, ...(annotations && { annotations }) }, status };
    },
    { subresource: 'status', by: COMPONENT },
  );
}

/** Writes a condition now, not with the counts at the end of the pass. */
export function writeCondition(
  context: ControllerContext,
  deployment: Deployment,
  condition: Condition,
  revision?: number,
): void {
  const now = timestamp(context.clock);
  const status = (before: DeploymentStatus) => ({
    ...before,
    conditions: withCondition(before.conditions ?? [], condition, now),
  });
  writeDeployment(context, deployment, { status, revision });
}
