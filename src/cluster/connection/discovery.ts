import { exitCodes, MisfortuneError } from '../../errors.ts';
import { suggest } from '../../words/nearest.ts';
import type { Ref, ResourceKind } from '../cluster.ts';

export interface KnownKind extends ResourceKind {
  group: string;
  version: string;
  /** Lower-case words by which it is known: plural, singular, kind, short names. */
  words: string[];
}

/** A GET that gives parsed JSON, or undefined where the server has nothing (404, 403, a dead aggregated API). */
export type GetJson = (path: string, accept?: string) => Promise<unknown>;

const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

/** How old a discovery must be to be read again for a word it does not know (a CRD may be new), ms. */
const retryAfterMs = 5_000;

/** What kinds a cluster has; read once, and again for a word that is not known. */
export class Discovery {
  readonly #get: GetJson;
  #kinds: Promise<KnownKind[]> | undefined;
  #readAt = 0;

  constructor(get: GetJson) {
    this.#get = get;
  }

  /** By any word of kubectl: plural, singular, short name, with or without group. */
  async find(ref: Pick<Ref, 'kind' | 'group'>): Promise<KnownKind> {
    const word = ref.kind.toLowerCase();
    const fits = (kind: KnownKind): boolean =>
      kind.words.includes(word) && (ref.group === undefined || groupFits(ref.group, kind));
    const found = await this.#search(fits);
    if (found) return found;
    const asked = ref.group ? `${ref.kind}.${ref.group}` : ref.kind;
    const known = (await this.#all()).flatMap(({ words, group }) =>
      ref.group ? words.map((each) => `${each}.${group}`) : words,
    );
    throw new MisfortuneError('unknown-kind', `The cluster has no kind "${asked}".`, {
      todo: suggest(asked, new Set(known)),
      exitCode: exitCodes.usage,
    });
  }

  /** By apiVersion and kind, as objects carry them. */
  async ofObject(apiVersion: string, kind: string): Promise<KnownKind> {
    const found = await this.#search((each) => each.apiVersion === apiVersion && each.kind === kind);
    if (found) return found;
    const known = (await this.#all()).map((each) => `${each.apiVersion} ${each.kind}`);
    throw new MisfortuneError('unknown-kind', `The cluster has no ${kind} in ${apiVersion}.`, {
      todo: suggest(`${apiVersion} ${kind}`, known),
      exitCode: exitCodes.usage,
    });
  }

  /** Every kind once: of a group's versions the preferred one, which comes first. */
  async preferred(): Promise<KnownKind[]> {
    const kinds = new Map<string, KnownKind>();
    for (const kind of await this.#all()) {
      const name = `${kind.resource}.${kind.group}`;
      if (!kinds.has(name)) kinds.set(name, kind);
    }
    return [...kinds.values()];
  }

  async #search(fits: (kind: KnownKind) => boolean): Promise<KnownKind | undefined> {
    const found = (await this.#all()).find(fits);
    if (found || performance.now() - this.#readAt < retryAfterMs) return found;
    this.#kinds = undefined;
    return (await this.#all()).find(fits);
  }

  #all(): Promise<KnownKind[]> {
    this.#kinds ??= this.#read().catch((error: unknown) => {
      this.#kinds = undefined;
      throw error;
    });
    return this.#kinds;
  }

  async #read(): Promise<KnownKind[]> {
    this.#readAt = performance.now();
    const roots = await Promise.all(['/api', '/apis'].map((path) => this.#get(path, aggregated)));
    if (roots.every((root) => (root as Listing | undefined)?.kind === 'APIGroupDiscoveryList')) {
      return roots.flatMap((root) => fromAggregated(root as AggregatedList));
    }
    return await this.#readEach(roots[1] as GroupList);
  }

  async #readEach(groups: GroupList): Promise<KnownKind[]> {
    const versions = (groups?.groups ?? []).flatMap(({ preferredVersion, versions: all }) => {
      const first = preferredVersion?.groupVersion;
      const names = all.map(({ groupVersion }) => groupVersion);
      return first ? [first, ...names.filter((each) => each !== first)] : names;
    });
    const paths = ['/api/v1', ...versions.map((each) => `/apis/${each}`)];
    const lists = await Promise.all(paths.map((path) => this.#get(path)));
    return lists.flatMap((list) => fromList(list as ResourceList | undefined));
  }
}

/** `apps`, or a beginning of the group as kubectl takes it: `discovery` for discovery.k8s.io; also `v1.apps`. */
function groupFits(asked: string, kind: KnownKind): boolean {
  return (
    asked === kind.group ||
    asked === `${kind.version}.${kind.group}` ||
    (kind.group.startsWith(`${asked}.`) && asked !== '')
  );
}

interface Listing {
  kind?: string;
}

interface AggregatedList {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      resources?: {
        resource: string;
        responseKind?: { group: string; version: string; kind: string };
        scope: string;
        singularResource?: string;
        shortNames?: string[];
      }[];
    }[];
  }[];
}

interface GroupList {
  groups: { versions: { groupVersion: string }[]; preferredVersion?: { groupVersion: string } }[];
}

interface ResourceList {
  groupVersion: string;
  resources: {
    name: string;
    kind: string;
    namespaced: boolean;
    singularName?: string;
    shortNames?: string[];
  }[];
}

function fromAggregated(list: AggregatedList): KnownKind[] {
  return list.items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources
        .filter(({ responseKind }) => responseKind !== undefined)
        .map((resource) =>
          known(metadata.name ?? '', version, {
            plural: resource.resource,
            kind: resource.responseKind!.kind,
            namespaced: resource.scope === 'Namespaced',
            singular: resource.singularResource,
            shortNames: resource.shortNames,
          }),
        ),
    ),
  );
}

function fromList(list: ResourceList | undefined): KnownKind[] {
  if (!list?.groupVersion) return [];
  const [group, version] = list.groupVersion.includes('/')
    ? list.groupVersion.split('/')
    : ['', list.groupVersion];
  return (list.resources ?? [])
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, singularName, shortNames }) =>
      known(group!, version!, { plural: name, kind, namespaced, singular: singularName, shortNames }),
    );
}

function known(
  group: string,
  version: string,
  names: { plural: string; kind: string; namespaced: boolean; singular?: string; shortNames?: string[] },
): KnownKind {
  const words = [names.plural, names.singular, names.kind.toLowerCase(), ...(names.shortNames ?? [])];
  return {
    apiVersion: group ? `${group}/${version}` : version,
    group,
    version,
    kind: names.kind,
    resource: names.plural,
    namespaced: names.namespaced,
    words: [...new Set(words.filter((word): word is string => !!word))],
  };
}
