/**
 * What the API server itself does to CustomResourceDefinitions after they were written: it accepts their names, serves
 * them, and deletes their objects before they go (apiextensions-apiserver/pkg/controller).
 */
import { type Api, ApiError, type KubeObject } from '../../api.ts';
import { CLEANUP, CRDS } from '../kinds/customresourcedefinition/customresourcedefinition.ts';
import { timestamp } from '../names.ts';

interface Condition {
  type: string;
  status: 'True' | 'False';
  lastTransitionTime?: string;
  reason: string;
  message: string;
}

/** `now` in ms. */
export function followDefinitions(api: Api, now: () => number): void {
  api.watch(CRDS, ({ type, object }) => {
    if (type === 'DELETED') return;
    if (object.metadata.deletionTimestamp) empty(api, object, now);
    else accept(api, object, now);
  });
  api.watchAll((resource, { type }) => {
    if (type !== 'DELETED') return;
    const crd = api.get(CRDS, undefined, resource);
    if (crd?.metadata.deletionTimestamp) empty(api, crd, now);
  });
}

/** The name that another kind of the group has already, and which it is. */
function conflictOf(api: Api, { metadata, spec }: KubeObject): [reason: string, name: string] | undefined {
  const others = api
    .list(CRDS)
    .filter((other) => other.metadata.name !== metadata.name && other.spec.group === spec.group)
    .flatMap(({ status }) => status?.acceptedNames ?? []);
  const { kind, shortNames = [] } = spec.names;
  const isTaken = (name: string) =>
    others.some((one) => [one.plural, one.singular, ...(one.shortNames ?? [])].includes(name));
  const short = (shortNames as string[]).find(isTaken);
  if (short) return ['ShortNamesConflict', short];
  return others.some((one) => one.kind === kind) ? ['KindConflict', kind] : undefined;
}

function accept(api: Api, crd: KubeObject, now: () => number): void {
  const { names } = crd.spec;
  const clash = conflictOf(api, crd);
  const accepted: Condition = clash
    ? {
        type: 'NamesAccepted',
        status: 'False',
        reason: clash[0],
        message: `${JSON.stringify(clash[1])} is already in use`,
      }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const established: Condition = clash
    ? {
        type: 'Established',
        status: 'False',
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      }
    : {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
      };
  writeStatus(api, crd, now, [accepted, established], clash ? {} : { acceptedNames: names });
}

function writeStatus(
  api: Api,
  { metadata }: KubeObject,
  now: () => number,
  conditions: Condition[],
  more: object = {},
): void {
  api.update(
    CRDS,
    undefined,
    metadata.name,
    (draft) => {
      const before: Condition[] = draft.status?.conditions ?? [];
      const kept = before.filter(({ type }) => !conditions.some((one) => one.type === type));
      const written = conditions.map((condition) => {
        const old = before.find(({ type }) => type === condition.type);
        const lastTransitionTime =
          old?.status === condition.status ? old.lastTransitionTime : timestamp(now());
        return { ...condition, lastTransitionTime };
      });
      draft.status = { ...draft.status, ...more, conditions: [...kept, ...written] };
      return draft;
    },
    { subresource: 'status' },
  );
}

/** Again when the last of its objects is gone, which may have finalizers of their own. */
function empty(api: Api, crd: KubeObject, now: () => number): void {
  const resource = crd.metadata.name;
  const objects = () => (api.resources().includes(resource) ? api.list(resource) : []);
  for (const { metadata } of objects()) {
    if (metadata.deletionTimestamp) continue;
    try {
      api.delete(resource, metadata.namespace, metadata.name, { uid: metadata.uid });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
  if (objects().length > 0) {
    return writeStatus(api, crd, now, [
      {
        type: 'Terminating',
        status: 'True',
        reason: 'InstanceDeletionInProgress',
        message: 'CustomResource deletion is in progress',
      },
    ]);
  }
  api.update(CRDS, undefined, crd.metadata.name, (draft) => {
    draft.metadata.finalizers = draft.metadata.finalizers?.filter((one) => one !== CLEANUP);
    return draft;
  });
}
