/** The templates that a StatefulSet or DaemonSet has had, kept as ControllerRevisions (pkg/controller/history). */
import { isDeepStrictEqual } from 'node:util';
import { type Api, ApiError, type KubeObject } from '../api.ts';
import { claim } from './claim.ts';
import type { ControllerContext } from './context.ts';
import { templateHash } from './deployment/template-hash.ts';
import type { ControllerRevision, LabelSelector, PodTemplate } from './kinds.ts';
import { controllerOf, controllerReference } from './owner.ts';

const RESOURCE = 'controllerrevisions.apps';

interface Owner extends KubeObject {
  spec: { selector: LabelSelector; template: PodTemplate; revisionHistoryLimit?: number };
  status: { collisionCount?: number };
}

export interface Present {
  /** Of the template that the owner has now. */
  revision: ControllerRevision;
  /** How often a name was taken by somebody else; belongs into the owner's status. */
  collisionCount: number;
}

/** The owner's revisions, oldest first. */
export function revisionsOf({ api }: ControllerContext, owner: Owner): ControllerRevision[] {
  return claim<ControllerRevision>(api, owner, owner.spec.selector, RESOURCE).sort(
    (a, b) => a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1),
  );
}

/**
 * The revision of the present template: found among the known ones (and made the newest, if the owner went back to it)
 * or created. `hashLabel` carries the hash in its name.
 */
export function presentRevision(
  context: ControllerContext,
  owner: Owner,
  known: readonly ControllerRevision[],
  hashLabel: string,
): Present {
  const { collisionCount = 0 } = owner.status;
  const newest = known.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const equal = known.findLast((revision) => isOfTemplate(revision, owner.spec.template));
  if (!equal) return create(context, owner, next, hashLabel);
  if (equal === newest) return { revision: equal, collisionCount };
  const { namespace, name } = equal.metadata;
  const renumbered = context.api.update(RESOURCE, namespace, name, (draft) => ({ ...draft, revision: next }));
  return { revision: (renumbered ?? equal) as ControllerRevision, collisionCount };
}

/** The template that a revision keeps. */
export function templateOf({ data }: ControllerRevision): PodTemplate {
  const { $patch: _patch, ...template } = data.spec.template;
  return template;
}

/** Deletes the oldest revisions beyond the history limit that are not in use. */
export function trimRevisions(
  api: Api,
  owner: Owner,
  revisions: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
): void {
  const limit = owner.spec.revisionHistoryLimit ?? 10;
  const old = revisions.filter((revision) => !isLive(revision));
  for (const { metadata } of old.slice(0, Math.max(0, old.length - limit))) {
    api.delete(RESOURCE, metadata.namespace, metadata.name, { uid: metadata.uid });
  }
}

/** `$patch` has the server put the whole template in place when kubectl sends it as a patch (rollout undo). */
const keptForm = (template: PodTemplate) => ({ ...template, $patch: 'replace' as const });

const isOfTemplate = ({ data }: ControllerRevision, template: PodTemplate) =>
  isDeepStrictEqual(data.spec.template, keptForm(template));

function create({ api }: ControllerContext, owner: Owner, number: number, hashLabel: string): Present {
  const { template } = owner.spec;
  for (let collisionCount = owner.status.collisionCount ?? 0; ; collisionCount++) {
    const hash = templateHash(template, collisionCount);
    const name = `${owner.metadata.name}-${hash}`;
    const revision = {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: {
        name,
        namespace: owner.metadata.namespace,
        labels: { ...template.metadata?.labels, [hashLabel]: hash },
        ...(owner.metadata.annotations && { annotations: { ...owner.metadata.annotations } }),
        ownerReferences: [controllerReference(owner)],
      },
      data: { spec: { template: keptForm(template) } },
      revision: number,
    };
    try {
      return { revision: api.create(RESOURCE, revision) as ControllerRevision, collisionCount };
    } catch (error) {
      if (!(error instanceof ApiError) || error.reason !== 'AlreadyExists') throw error;
      const twin = api.get(RESOURCE, owner.metadata.namespace, name) as ControllerRevision | undefined;
      const isOurs = twin && controllerOf(twin)?.uid === owner.metadata.uid && isOfTemplate(twin, template);
      if (isOurs) return { revision: twin, collisionCount };
    }
  }
}
