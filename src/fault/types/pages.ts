import { stringify } from 'yaml';
import { z } from 'zod';
import { isRecord } from '../../cluster/fields/path.ts';
import type { FaultType } from '../fault-type.ts';
import { faultTypes } from './registry.ts';

/** docs/faults/<type>.md of every fault type, by file name: made from its schema and example. */
export function faultPages(): Record<string, string> {
  return Object.fromEntries(Object.values(faultTypes).map((type) => [`${type.type}.md`, page(type)]));
}

function page(type: FaultType): string {
  const example = stringify({ faults: [{ id: 'example', [type.type]: type.example }] });
  const spec = type.schema.parse(type.example);
  const needs = type.permissions(spec).map(({ verbs, kind, group, namespace, name }) => {
    const what = group ? `${kind}.${group}` : kind;
    return `| ${verbs.join(', ')} | ${what} | ${namespace ?? 'all'} | ${name ?? 'any'} |`;
  });
  return `# ${type.type}

<!-- Generated from the type in src/fault/types; \`npx vitest run test/fault/types/pages.test.ts -u\` writes it anew. -->

${type.about}

${endings[type.reverts]} A diagnosis names it \`${type.mechanism}\`.

Combines: ${type.combines} Two faults of a scenario may not touch the same field: lint and plan refuse them.

## Example

\`\`\`yaml
${example.trimEnd()}
\`\`\`

For the game master: ${type.describe(spec)}.

## Keys

| key | is | default | about |
| --- | --- | --- | --- |
${rows(z.toJSONSchema(type.schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema).join('\n')}

## Permissions that the example needs

| verbs | on | namespace | name |
| --- | --- | --- | --- |
${needs.join('\n')}
`;
}

const endings: Record<FaultType['reverts'], string> = {
  reverts:
    '**reverts**: what it does is undone when the game ends; each change is in the ledger before it is made.',
  heals: '**heals**: what it takes away comes back by itself; the restore waits until it has.',
  lasting: '**lasting**: what it does cannot be undone; it is refused without consent.',
};

interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  description?: string;
  default?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  items?: JsonSchema;
  additionalProperties?: unknown;
}

function rows(schema: JsonSchema, prefix = ''): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, each]) => {
    const required = schema.required?.includes(key) ?? false;
    const fallback = each.default === undefined ? (required ? 'required' : '') : code(each.default);
    const about = (each.description ?? '').replaceAll('|', '\\|');
    const row = `| \`${prefix}${key}\` | ${typeOf(each)} | ${fallback} | ${about} |`;
    return [row, ...rows(each, `${prefix}${key}.`)];
  });
}

function typeOf(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map(code).join(' or ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items ? typeOf(schema.items) : 'anything'}`;
  if (schema.type === 'object') return isRecord(schema.properties) ? 'map' : 'map of any keys';
  return schema.type ?? 'anything';
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
