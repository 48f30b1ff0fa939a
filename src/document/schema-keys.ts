import { z } from 'zod';
import type { Path } from './document.ts';

/** The keys that a schema knows at a path: what an unknown key may have been meant to be. */
export function keysAt(schema: z.ZodType, path: Path): string[] {
  const found = new Set<string>();
  collect(schema, path, found);
  return [...found];
}

function collect(schema: z.core.$ZodType, path: Path, found: Set<string>): void {
  const [step, ...rest] = path;
  if (schema instanceof z.ZodObject) {
    if (step === undefined) for (const key of Object.keys(schema.shape)) found.add(key);
    else if (schema.shape[String(step)]) collect(schema.shape[String(step)], rest, found);
  } else if (schema instanceof z.ZodArray) {
    if (step !== undefined) collect(schema.element, rest, found);
  } else if (schema instanceof z.ZodRecord) {
    if (step !== undefined) collect(schema.valueType, rest, found);
  } else if (schema instanceof z.ZodUnion) {
    for (const option of schema.options) collect(option, path, found);
  } else if (schema instanceof z.ZodPipe) {
    collect(schema.in, path, found);
  } else if (schema instanceof z.ZodLazy) {
    collect(schema.unwrap(), path, found);
  } else if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable
  ) {
    collect(schema.unwrap(), path, found);
  }
}
