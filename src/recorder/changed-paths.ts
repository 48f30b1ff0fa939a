/**
 * The dotted paths in which two versions of an object differ, at most `limit`: what a write really did, whatever
 * kind of patch it was. Lists whose elements have a name (or another identity) are compared by it:
 * "spec.template.spec.containers[name=app].image". Bookkeeping of the API server is left out.
 */
export function changedPaths(before: unknown, after: unknown, limit = 60): string[] {
  return changesBetween(before, after, limit).map(({ path }) => path);
}

/** A path in which two versions of an object differ, with what is there in each. */
export interface Difference {
  path: string;
  from: unknown;
  to: unknown;
}

/** The same with what was there and what is. */
export function changesBetween(before: unknown, after: unknown, limit = 60): Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found, limit);
  return found;
}

const bookkeeping = new Set([
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'metadata.deletionTimestamp',
  'metadata.deletionGracePeriodSeconds',
  'status',
  'apiVersion',
  'kind',
]);

function compare(path: string, before: unknown, after: unknown, found: Difference[], limit: number): void {
  if (found.length >= limit || bookkeeping.has(path) || Object.is(before, after)) return;
  const left = children(before);
  const right = children(after);
  if (!left || !right) {
    if (JSON.stringify(before) !== JSON.stringify(after)) found.push({ path, from: before, to: after });
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    compare(join(path, key), left.get(key), right.get(key), found, limit);
  }
}

function join(path: string, key: string): string {
  if (key.startsWith('[')) return path + key;
  const segment = /[.[\]]/.test(key) ? `["${key}"]` : key;
  return path && !segment.startsWith('[') ? `${path}.${segment}` : path + segment;
}

/** Keys and values of an object, or of a list whose elements have identities; undefined for a leaf. */
function children(value: unknown): Map<string, unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return new Map(Object.entries(value));
  const identity = ['name', 'key', 'uid', 'mountPath', 'containerPort', 'port', 'ip', 'type'].find((key) => {
    const seen = value.map((element) => (element as Record<string, unknown> | null)?.[key]);
    return seen.every((id) => id !== undefined) && new Set(seen).size === seen.length;
  });
  if (!identity) return value.length === 0 ? new Map() : undefined;
  return new Map(
    value.map((element) => [`[${identity}=${(element as Record<string, unknown>)[identity]}]`, element]),
  );
}
