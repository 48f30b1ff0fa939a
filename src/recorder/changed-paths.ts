/**
 * The dotted paths in which two versions of an object differ, at most `limit`: what a write really did, whatever
 * kind of patch it was. Lists whose elements have a name (or another identity) are compared by it:
 * "spec.template.spec.containers[name=app].image". Bookkeeping of the API server is left out.
 */
export function changedPaths(before: unknown, after: unknown, limit = 60): string[] {
  const paths: string[] = [];
  compare('', before, after, paths, limit);
  return paths;
}

const bookkeeping = new Set([
  'metadata.managedFields',
  'metadata.resourceVersion',
  'metadata.generation',
  'metadata.uid',
  'metadata.creationTimestamp',
  'status',
  'apiVersion',
  'kind',
]);

function compare(path: string, before: unknown, after: unknown, paths: string[], limit: number): void {
  if (paths.length >= limit || bookkeeping.has(path) || Object.is(before, after)) return;
  const left = children(before);
  const right = children(after);
  if (!left || !right) {
    if (JSON.stringify(before) !== JSON.stringify(after)) paths.push(path);
    return;
  }
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    compare(join(path, key), left.get(key), right.get(key), paths, limit);
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
