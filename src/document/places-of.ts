import { z } from 'zod';
import type { Path } from './document.ts';

/** A text of a document, where it stands, and what the registry knows of its schema. */
export interface PlacedText<Meta> {
  text: string;
  path: Path;
  meta: Meta;
}

/**
 * The texts of a value (as it stood before the schema changed anything of it) whose schema is in the registry, in their
 * order: `placesOf(scenarioSchema, value, refSchemas)` gives each reference of a scenario.
 */
export function placesOf<Meta extends object>(
  schema: z.core.$ZodType,
  value: unknown,
  registry: z.core.$ZodRegistry<Meta>,
): PlacedText<Meta>[] {
  const found = new Map<string, PlacedText<Meta>>();
  const walk = (each: z.core.$ZodType, part: unknown, path: Path): void => {
    if (part === undefined || part === null) return;
    const meta = registry.get(each) as Meta | undefined;
    if (meta && typeof part === 'string') found.set(JSON.stringify(path), { text: part, path, meta });
    if (each instanceof z.ZodObject) {
      for (const [key, inner] of Object.entries(each.shape))
        if (typeof part === 'object' && Object.hasOwn(part, key))
          walk(inner as z.core.$ZodType, (part as Record<string, unknown>)[key], [...path, key]);
    } else if (each instanceof z.ZodArray) {
      if (Array.isArray(part))
        for (const [index, item] of part.entries()) walk(each.element, item, [...path, index]);
    } else if (each instanceof z.ZodRecord) {
      if (typeof part === 'object')
        for (const [key, item] of Object.entries(part)) walk(each.valueType, item, [...path, key]);
    } else if (each instanceof z.ZodUnion) {
      for (const option of each.options) if (z.safeParse(option, part).success) walk(option, part, path);
    } else if (each instanceof z.ZodPipe) {
      walk(each.in, part, path);
    } else if (each instanceof z.ZodLazy || isWrapper(each)) {
      walk(each.unwrap(), part, path);
    }
  };
  walk(schema, value, []);
  return [...found.values()];
}

function isWrapper(
  schema: z.core.$ZodType,
): schema is z.ZodOptional | z.ZodDefault | z.ZodPrefault | z.ZodNullable {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  );
}
