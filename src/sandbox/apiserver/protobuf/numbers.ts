/** Field numbers of the messages, by model; generate.mjs writes them. */
import numbers from './numbers.json' with { type: 'json' };

/**
 * In order of the numbers; `_` skips one; `Message...` is an embedded message whose fields stand beside the others
 * in JSON.
 */
const lists = new Map<string, string>(Object.entries(numbers));

/** Model → field number → field; `{ embedded }` for a message whose fields are its own. */
export type Field = { name: string } | { embedded: string };

const tables = new Map<string, Map<number, Field>>();

/** undefined for a message of which no numbers are known. */
export function fieldsOf(model: string): Map<number, Field> | undefined {
  const known = tables.get(model);
  const list = lists.get(model);
  if (known || list === undefined) return known;
  const words = list === '' ? [] : list.split(' ');
  const entries = words.flatMap((word, index): [number, Field][] => {
    if (word === '_') return [];
    const field = word.endsWith('...') ? { embedded: word.slice(0, -3) } : { name: word };
    return [[index + 1, field]];
  });
  const table = new Map(entries);
  tables.set(model, table);
  return table;
}
