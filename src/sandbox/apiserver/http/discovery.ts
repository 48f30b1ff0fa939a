/** What the server says of itself: groups, versions, resources; in the classic form and the aggregated one. */
import type { Served } from '../kinds/definition.ts';
import { allVerbs, type GroupVersion, groupsOf } from '../kinds/versions.ts';

type Versions = readonly GroupVersion[];

const gv = ({ group, version }: { group: string; version: string }) =>
  group ? `${group}/${version}` : version;

export function apiVersions(address: string): unknown {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  };
}

/** undefined for a group the server does not have. */
export function groupDocument(all: Versions, name: string): Record<string, unknown> | undefined {
  const versions = all
    .filter(({ group }) => group === name)
    .map((entry) => ({ groupVersion: gv(entry), version: entry.version }));
  if (versions.length === 0 || !name) return undefined;
  return { name, versions, preferredVersion: versions[0] };
}

export function groupList(all: Versions): unknown {
  const groups = groupsOf(all).map((name) => groupDocument(all, name));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** undefined for a version the server does not have. */
export function resourceList(all: Versions, group: string, version: string): unknown {
  const found = all.find((entry) => entry.group === group && entry.version === version);
  if (!found) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group ? { apiVersion: 'v1' } : {}),
    groupVersion: gv(found),
    resources: found.resources.flatMap(resourceEntries),
  };
}

function resourceEntries(resource: Served): unknown[] {
  const { plural, singular, namespaced, kind, verbs = allVerbs, shortNames, categories } = resource;
  const entry = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(resource.storageVersionHash ? { storageVersionHash: resource.storageVersionHash } : {}),
  };
  const subresources = (resource.subresources ?? []).map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(sub.version ? { group: sub.group, version: sub.version } : {}),
    kind: sub.kind || kind,
    verbs: sub.verbs,
  }));
  return [entry, ...subresources];
}

/** apidiscovery.k8s.io/v2: all groups with all of their resources in one answer. */
export function aggregated(all: Versions, core: boolean): unknown {
  const names = core ? [''] : groupsOf(all);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: names.map((name) => ({
      metadata: name ? { name } : {},
      versions: all.filter(({ group }) => group === name).map(aggregatedVersion),
    })),
  };
}

function aggregatedVersion({ version, resources }: GroupVersion): unknown {
  return { version, resources: resources.map(aggregatedResource), freshness: 'Current' };
}

function aggregatedResource(resource: Served): unknown {
  const {
    plural,
    singular,
    namespaced,
    kind,
    verbs = allVerbs,
    shortNames,
    categories,
    subresources,
  } = resource;
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
    ...(subresources
      ? {
          subresources: subresources.map((sub) => ({
            subresource: sub.name,
            responseKind: { group: sub.group ?? '', version: sub.version ?? '', kind: sub.kind || kind },
            verbs: sub.verbs,
          })),
        }
      : {}),
  };
}
