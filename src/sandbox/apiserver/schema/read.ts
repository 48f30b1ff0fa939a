import type { ResourceDefinition } from '../kinds/definition.ts';
import { decode } from './decode.ts';

/** An object as its kind has it: by its model, or by the schema of its CustomResourceDefinition. */
export function readAs<T>(
  { model, custom }: Pick<ResourceDefinition, 'model' | 'custom'>,
  value: unknown,
  unknown: string[] = [],
): T {
  if (custom) return custom.decode(value as Record<string, unknown>, unknown) as T;
  return decode<T>(model, value, unknown);
}
