/** What the server knows of the kinds that a CustomResourceDefinition adds. */
import type { KubeObject } from '../../api.ts';
import { clone, isRecord, setField } from '../json.ts';
import { editable, scale, status } from '../kinds/access.ts';
import type { OtherVersion, ResourceDefinition, Subresource } from '../kinds/definition.ts';
import { DecodeError, decode } from '../schema/decode.ts';
import { age } from '../table/duration.ts';
import { ageColumn, type Column, created, nameColumn, type Printer } from '../table/printer.ts';
import { compilePath } from './json-path.ts';
import type { JsonSchema } from './json-schema.ts';
import { prune, setDefaults } from './prune.ts';
import { customStructure } from './structure.ts';
import { validateValue } from './validate.ts';
import type { CrdVersion, PrinterColumn } from './version.ts';

/** Anything, where a definition of old has no schema. */
const anything: JsonSchema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

const schemaOf = ({ schema }: CrdVersion): JsonSchema => schema?.openAPIV3Schema ?? anything;

/** The stored kind, with its other served versions as views. */
export function customKind({ spec, status: state }: KubeObject): ResourceDefinition {
  const versions: CrdVersion[] = spec.versions;
  const stored = versions.find(({ storage }) => storage)!;
  const { names } = spec;
  const others = versions.filter((version) => version.served && version !== stored);
  const { plural, kind } = state?.acceptedNames?.plural ? state.acceptedNames : names;
  return {
    group: spec.group,
    plural,
    kind,
    singular: names.singular,
    ...(names.shortNames ? { shortNames: names.shortNames } : {}),
    ...(names.categories ? { categories: names.categories } : {}),
    namespaced: spec.scope === 'Namespaced',
    looseFinalizers: true,
    access: { oncall: editable.edit },
    ...versioned(spec.group, stored),
    ...(stored.served ? {} : { hidden: true }),
    versions: others.map((version) => otherVersion(spec.group, version, stored)),
  };
}

/** All that goes by the version. */
function versioned(group: string, version: CrdVersion) {
  const { subresources = {}, selectableFields = [] } = version;
  const schema = schemaOf(version);
  const paths = selectableFields.map(({ jsonPath }) => ({ jsonPath, find: compilePath(jsonPath) }));
  const warning = version.deprecated
    ? (version.deprecationWarning ?? `${group}/${version.name} is deprecated`)
    : undefined;
  return {
    version: version.name,
    model: `custom:${group}/${version.name}`,
    custom: { schema, structure: customStructure(schema), decode: decoder(schema), scale: scaleOf(version) },
    hasStatus: subresources.status !== undefined,
    counted: true,
    // Without a status of its own everything but the metadata counts.
    countedToo: ({ metadata: _, status: state, ...content }: KubeObject) =>
      subresources.status === undefined ? { ...content, state } : content,
    subresources: subresourcesOf(version),
    setDefaults: (object: KubeObject) => setDefaults(object, schema),
    ...(subresources.status === undefined ? {} : { prepareCreate: withoutStatus }),
    validate: (object: KubeObject) => validateValue(object, schema, '').filter(isOfContent),
    unconditionalUpdate: false,
    table: printerOf(version),
    ...(warning ? { deprecation: warning } : {}),
    ...(paths.length > 0
      ? {
          fieldNames: paths.map(({ jsonPath }) => jsonPath.replace(/^\./, '')),
          fields: (object: KubeObject) =>
            Object.fromEntries(
              paths.map(({ jsonPath, find }) => [jsonPath.replace(/^\./, ''), String(find(object)[0] ?? '')]),
            ),
        }
      : {}),
  } satisfies Partial<ResourceDefinition>;
}

/** The status of a new object is not its creator's to say. */
function withoutStatus(object: KubeObject): void {
  delete object.status;
}

/** What every object has is checked elsewhere. */
const isOfContent = ({ field }: { field: string }) => !/^(metadata|kind|apiVersion)\b/.test(field);

function otherVersion(group: string, version: CrdVersion, stored: CrdVersion): OtherVersion {
  const as = (name: string) => (object: KubeObject) => ({ ...object, apiVersion: `${group}/${name}` });
  return {
    ...versioned(group, version),
    view: { show: as(version.name), read: as(stored.name) },
  };
}

function subresourcesOf({ subresources = {} }: CrdVersion): Subresource[] {
  return [
    ...(subresources.status ? [{ ...status(''), kind: '' }] : []),
    ...(subresources.scale ? [scale] : []),
  ];
}

function scaleOf({ subresources }: CrdVersion) {
  const paths = subresources?.scale;
  if (!paths) return undefined;
  const find = (path: string | undefined) => {
    const compiled = path ? compilePath(path) : () => [];
    return (object: KubeObject) => compiled(object)[0];
  };
  const fields = paths.specReplicasPath.replace(/^\./, '').split('.');
  return {
    wanted: (object: KubeObject) => Number(find(paths.specReplicasPath)(object) ?? 0),
    seen: (object: KubeObject) => Number(find(paths.statusReplicasPath)(object) ?? 0),
    selector: (object: KubeObject) => String(find(paths.labelSelectorPath)(object) ?? ''),
    set(object: KubeObject, replicas: number) {
      let at: Record<string, unknown> = object as never;
      for (const field of fields.slice(0, -1)) {
        if (!isRecord(at[field])) setField(at, field, {});
        at = at[field] as Record<string, unknown>;
      }
      setField(at, fields.at(-1)!, replicas);
    },
  };
}

/** Reads an object: its metadata as that of every kind, all else by its schema. */
function decoder(schema: JsonSchema) {
  return (value: Record<string, unknown>, unknown: string[]): Record<string, unknown> => {
    const result = prune(value, schema, unknown) as Record<string, unknown>;
    for (const field of ['apiVersion', 'kind']) {
      if (result[field] !== undefined && typeof result[field] !== 'string') {
        throw new DecodeError(`${field} must be a string`);
      }
    }
    const problems: string[] = [];
    const { metadata } = result;
    if (metadata !== undefined) {
      if (!isRecord(metadata)) throw new DecodeError('metadata must be an object');
      result.metadata = decode('V1ObjectMeta', metadata, problems);
      unknown.push(...problems.map((path) => `metadata.${path}`));
    }
    return clone(result);
  };
}

function printerOf({ additionalPrinterColumns: columns }: CrdVersion): Printer {
  if (!columns?.length) return { columns: [nameColumn, agePrinter], row: plainRow };
  const cells = columns.map(({ type, jsonPath }) => ({ type, find: compilePath(jsonPath) }));
  return {
    columns: [nameColumn, ...columns.map(columnOf)],
    row: (object, now) => [
      object.metadata.name,
      ...cells.map(({ type, find }) => cell(find(object), type, now)),
    ],
  };
}

const agePrinter: Column = { ...ageColumn, type: 'date' };

const plainRow: Printer['row'] = (object, now) => [object.metadata.name, created(object, now)];

function columnOf({ name, type, format = '', description, priority = 0 }: PrinterColumn): Column {
  return {
    name,
    type: type as Column['type'],
    format: format as Column['format'],
    description: description ?? 'Custom resource definition column (in JSONPath format): ',
    priority: priority > 0 ? 1 : 0,
  };
}

/** Dates as ages, lists of several as text; null where nothing was found. */
function cell(found: unknown[], type: string, now: number): unknown {
  const [first] = found;
  if (first === undefined) return null;
  if (type === 'date') return typeof first === 'string' ? age(first, now) : '<invalid>';
  if (type === 'integer' || type === 'number') return typeof first === 'number' ? first : null;
  if (type === 'boolean') return typeof first === 'boolean' ? first : null;
  if (found.length > 1) return found.map(textOf).join(',');
  return textOf(first);
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
