/** Field selectors: `metadata.name=a,status.phase!=Running`. */
import type { KubeObject } from '../api.ts';
import type { ResourceDefinition } from './kinds/definition.ts';
import { badRequest } from './status.ts';

export interface FieldRequirement {
  field: string;
  equal: boolean;
  value: string;
}

/** Throws ApiError 400 for a field that cannot be selected by. */
export function parseFieldSelector(text: string, definition: ResourceDefinition): FieldRequirement[] {
  const requirements: FieldRequirement[] = [];
  for (const term of splitTerms(text)) {
    if (term === '') continue;
    const match = /^((?:[^=!\\]|\\.)*?)(!=|==|=)(.*)$/s.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    if (field === '' && value === '') continue;
    requirements.push({ field, equal: operator !== '!=', value: unescaped(value) });
  }
  const known = ['metadata.name', ...(definition.namespaced ? ['metadata.namespace'] : [])];
  known.push(...(definition.fieldNames ?? []));
  for (const { field } of requirements) {
    if (!known.includes(field)) {
      throw badRequest(
        definition.fieldNames
          ? `field label not supported: ${field}`
          : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
  }
  return requirements;
}

function splitTerms(text: string): string[] {
  return text.match(/(?:[^,\\]|\\.)+/gs) ?? [];
}

const unescaped = (value: string) => value.replace(/\\([\\,=])/g, '$1');

export function matchesFields(
  requirements: FieldRequirement[],
  object: KubeObject,
  definition: ResourceDefinition,
): boolean {
  if (requirements.length === 0) return true;
  const fields: Record<string, string> = {
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace ?? '',
    ...definition.fields?.(object),
  };
  return requirements.every(({ field, equal, value }) => ((fields[field] ?? '') === value) === equal);
}
