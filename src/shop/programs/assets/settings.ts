import { parse } from 'yaml';

/** Both are in one file, so that a change of both is read at once. */
export interface Settings {
  lifetimeSeconds: number;
  /** Part of each key: what was kept under another one is never looked at again. */
  generation: number;
}

/** As long as no file was read. */
export const DEFAULTS: Settings = { lifetimeSeconds: 5, generation: 1 };

/** Reads a settings file. Throws an error that names what is wrong. */
export function parseSettings(text: string): Settings {
  const document: unknown = parse(text);
  const { lifetimeSeconds, generation = DEFAULTS.generation } = (document ?? {}) as Record<string, unknown>;
  if (typeof lifetimeSeconds !== 'number' || !(lifetimeSeconds >= 1))
    throw new Error(
      `Expected lifetimeSeconds to be a number from 1 on, got ${JSON.stringify(lifetimeSeconds)}.`,
    );
  if (typeof generation !== 'number')
    throw new Error(`Expected generation to be a number, got ${JSON.stringify(generation)}.`);
  return { lifetimeSeconds, generation };
}
