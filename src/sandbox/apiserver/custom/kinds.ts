/** All kinds that a server has at a moment: its own, and those that CustomResourceDefinitions add. */
import type { KubeObject } from '../../api.ts';
import { CRDS } from '../kinds/customresourcedefinition/customresourcedefinition.ts';
import { type ResourceDefinition, resourceName, type Served } from '../kinds/definition.ts';
import { definitionOf, served, views } from '../kinds/kinds.ts';
import { type GroupVersion, groupVersionsOf } from '../kinds/versions.ts';
import type { Store } from '../store.ts';
import { customKind } from './kind.ts';

export interface Kinds {
  /** undefined for a resource that the server does not have. */
  definitionOf(resource: string): ResourceDefinition | undefined;
  /** All that discovery lists. */
  readonly served: readonly Served[];
  /** Other versions of stored resources, by the resource that they show. */
  readonly views: typeof views;
  readonly groupVersions: readonly GroupVersion[];
  /** Of custom kinds only. */
  readonly custom: readonly ResourceDefinition[];
}

/** The kinds as they are now. The same object is given as long as no definition changes. */
export function createKinds(store: Pick<Store, 'list'>): () => Kinds {
  let known = '';
  let kinds = kindsWith([]);
  return () => {
    const crds = store.list(CRDS);
    const key = crds.map(({ metadata }) => `${metadata.uid}/${metadata.resourceVersion}`).join();
    if (key !== known) {
      known = key;
      kinds = kindsWith(crds.filter(isEstablished).map(customKind));
    }
    return kinds;
  };
}

export const isEstablished = ({ status }: KubeObject): boolean =>
  (status?.conditions ?? []).some(
    (one: { type: string; status: string }) => one.type === 'Established' && one.status === 'True',
  );

function kindsWith(custom: ResourceDefinition[]): Kinds {
  const byName = new Map(custom.map((definition) => [resourceName(definition), definition]));
  const more = custom.flatMap((of) =>
    (of.versions ?? []).map((version) => ({ of, as: { ...of, ...version } })),
  );
  const all = [...served, ...custom.filter(({ hidden }) => !hidden), ...more.map(({ as }) => as)];
  return {
    definitionOf: (resource) => definitionOf(resource) ?? byName.get(resource),
    served: all,
    views: [...views, ...more],
    groupVersions: groupVersionsOf(all),
    custom,
  };
}
