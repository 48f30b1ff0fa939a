import type { Cluster, ResourceKind } from '../cluster/cluster.ts';
import { isRecord } from '../cluster/fields/path.ts';
import { type Path, problemAt } from '../document/document.ts';
import { byPlace, valueAt } from '../document/validate.ts';
import type { MisfortuneError } from '../errors.ts';
import { nearest, suggest } from '../words/nearest.ts';
import type { ParsedScenario } from './parse.ts';

/** What of an OpenAPI v3 schema tells which fields there are. */
interface Schema {
  $ref?: string;
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

type Schemas = Record<string, Schema>;

type Asked = Pick<Cluster, 'kinds' | 'raw'>;

/**
 * The manifests of a scenario's faults and decoys against what the API server serves: kinds and fields that it does not
 * know, each at its place with the nearest word. Fields are looked at where the server publishes OpenAPI v3.
 */
export async function lintManifests(
  { document, scenario, filled }: ParsedScenario,
  cluster: Asked,
  signal?: AbortSignal,
): Promise<MisfortuneError[]> {
  const manifests = scenario ? manifestsIn(filled) : [];
  if (manifests.length === 0) return [];
  const kinds = await cluster.kinds();
  const read = new Map<string, Promise<Schemas>>();
  const problems: MisfortuneError[] = [];
  for (const { manifest, path } of manifests) {
    const { apiVersion, kind } = manifest as { apiVersion: string; kind: string };
    const served = kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind);
    const meant = served ?? meantKind(kinds, apiVersion, kind);
    if (!served) problems.push(unknownKind(apiVersion, kind, path));
    if (!meant) continue;
    const schemas = await once(read, meant.apiVersion, () => schemasOf(meant.apiVersion, cluster, signal));
    const whole = Object.values(schemas).find((schema) => describes(schema, meant));
    if (whole) problems.push(...unknownFields(manifest, whole, schemas, path));
  }
  return problems.sort(byPlace);

  function unknownKind(apiVersion: string, kind: string, path: Path): MisfortuneError {
    const versions = new Set(kinds.map((one) => one.apiVersion));
    if (!versions.has(apiVersion))
      return problemAt(
        document.place([...path, 'apiVersion']),
        'unknown-kind',
        `The cluster has no apiVersion "${apiVersion}".`,
        { todo: suggest(apiVersion, versions) },
      );
    const known = kinds.filter((one) => one.apiVersion === apiVersion).map((one) => one.kind);
    const message = `The cluster has no ${kind} in ${apiVersion}.`;
    return problemAt(document.place([...path, 'kind']), 'unknown-kind', message, {
      todo: suggest(kind, known),
    });
  }

  function unknownFields(value: unknown, schema: Schema, schemas: Schemas, path: Path): MisfortuneError[] {
    const { properties, additionalProperties, items, ...rest } = resolved(schema, schemas);
    if (Array.isArray(value))
      return items
        ? value.flatMap((each, index) => unknownFields(each, items, schemas, [...path, index]))
        : [];
    if (value === null || typeof value !== 'object' || rest['x-kubernetes-preserve-unknown-fields'])
      return [];
    return Object.entries(value).flatMap(([key, part]) => {
      const at = [...path, key];
      const inner = properties && Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (inner) return unknownFields(part, inner, schemas, at);
      if (typeof additionalProperties === 'object')
        return unknownFields(part, additionalProperties, schemas, at);
      if (!properties || additionalProperties === true) return [];
      const message = `There is no field "${key}" here.`;
      const todo = suggest(key, Object.keys(properties));
      return [problemAt(document.keyPlace(at), 'unknown-field', message, { todo })];
    });
  }
}

function manifestsIn(filled: Record<string, unknown>): { manifest: Record<string, unknown>; path: Path }[] {
  return ['faults', 'decoys'].flatMap((part) => {
    const steps = filled[part];
    return (Array.isArray(steps) ? steps : []).flatMap((_, step) => {
      const path = [part, step, 'apply', 'manifests'];
      const manifests = valueAt(filled, path);
      const paths = (Array.isArray(manifests) ? manifests : []).map((_, index): Path => [...path, index]);
      return [...paths, [part, step, 'chaosMesh', 'resource']].flatMap((at) => {
        const manifest = valueAt(filled, at);
        return isRecord(manifest) ? [{ manifest, path: at }] : [];
      });
    });
  });
}

/** The kind that a mistyped one was meant to be, so that its fields are looked at as well. */
function meantKind(
  kinds: readonly ResourceKind[],
  apiVersion: string,
  kind: string,
): ResourceKind | undefined {
  const there = kinds.filter((one) => one.apiVersion === apiVersion);
  const name = nearest(
    kind,
    there.map((one) => one.kind),
  );
  return there.find((one) => one.kind === name);
}

function describes(schema: Schema, { apiVersion, kind }: ResourceKind): boolean {
  return (schema['x-kubernetes-group-version-kind'] ?? []).some(
    (one) => one.kind === kind && [one.group, one.version].filter(Boolean).join('/') === apiVersion,
  );
}

function resolved(schema: Schema, schemas: Schemas): Schema {
  const reference = schema.$ref ?? schema.allOf?.find(({ $ref }) => $ref)?.$ref;
  if (reference === undefined) return schema;
  return schemas[reference.split('/').at(-1) ?? ''] ?? {};
}

/** Empty where the server has none: then nothing is said of fields. */
async function schemasOf(apiVersion: string, cluster: Asked, signal?: AbortSignal): Promise<Schemas> {
  const path = `/openapi/v3/${apiVersion.includes('/') ? 'apis' : 'api'}/${apiVersion}`;
  const { status, body } = await cluster.raw(path, { headers: { accept: 'application/json' } }, signal);
  if (status !== 200) return {};
  return (JSON.parse(body) as { components?: { schemas?: Schemas } }).components?.schemas ?? {};
}

async function once<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return await found;
}
