/** OpenAPI schemas of custom kinds: what their definition says, with the metadata of every kind. */
import type { ResourceDefinition, Served } from '../kinds/definition.ts';
import { schemaName, schemasOf } from './schemas.ts';

type Custom = Served & Required<Pick<ResourceDefinition, 'custom'>>;

export const isCustom = (served: Served): served is Custom => 'custom' in served;

/** `com.example.v1.Backup` for example.com/v1. */
export function customName({ group, version, kind }: Served): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

export function customSchemas(custom: readonly Custom[]): Record<string, unknown> {
  if (custom.length === 0) return {};
  const metadata = { allOf: [{ $ref: `#/components/schemas/${schemaName('V1ObjectMeta')}` }] };
  const text = (description: string) => ({ type: 'string', description });
  return {
    ...schemasOf(['V1ObjectMeta']),
    ...Object.fromEntries(
      custom.map((served) => {
        const { group, version, kind } = served;
        const { properties, ...rest } = served.custom.schema;
        return [
          customName(served),
          {
            ...rest,
            properties: {
              ...properties,
              apiVersion: text(
                'APIVersion defines the versioned schema of this representation of an object.',
              ),
              kind: text('Kind is a string value representing the REST resource this object represents.'),
              metadata: { ...metadata, description: "Standard object's metadata." },
            },
            'x-kubernetes-group-version-kind': [{ group, version, kind }],
          },
        ];
      }),
    ),
  };
}
