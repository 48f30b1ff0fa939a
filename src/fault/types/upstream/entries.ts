import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { MisfortuneError } from '../../../errors.ts';

/** One server of a load balancer's list, and where it stands in the text. */
export interface Entry {
  name: string;
  /** host:port */
  address: string;
  /** Offsets of the address. */
  at: [number, number];
  /** Offsets of the whole lines of the entry. */
  lines: [number, number];
}

/**
 * The entries of a list: the shop's `upstreams:` (name and address) or nginx' `upstream NAME { server …; }`.
 * Changes are made in the text itself, so that comments and layout stay as their author wrote them.
 * Throws MisfortuneError `no-upstreams`.
 */
export function readEntries(text: string, block?: string): Entry[] {
  const entries = /\bupstream\s+\S+\s*\{/.test(text) ? nginxEntries(text, block) : yamlEntries(text);
  if (entries.length === 0)
    throw new MisfortuneError('no-upstreams', 'The text holds no list of upstreams that is understood.', {
      todo: 'Expected "upstreams:" with entries of name and address, or nginx\' "upstream NAME { server HOST:PORT; }".',
    });
  return entries;
}

/** The entry by its name, its address, or its place from 1. Throws MisfortuneError `unknown-upstream`. */
export function findEntry(entries: readonly Entry[], wanted: string | number): Entry {
  const found =
    typeof wanted === 'number'
      ? entries[wanted - 1]
      : entries.find(({ name, address }) => name === wanted || address === wanted);
  if (found) return found;
  throw new MisfortuneError('unknown-upstream', `There is no upstream ${wanted}.`, {
    todo: `There are ${entries.map(({ name }) => name).join(', ')}.`,
  });
}

export function withAddress(text: string, entry: Entry, address: string): string {
  return text.slice(0, entry.at[0]) + address + text.slice(entry.at[1]);
}

export function withoutEntry(text: string, entry: Entry): string {
  return text.slice(0, entry.lines[0]) + text.slice(entry.lines[1]);
}

/** One more entry after the last, written as the last one is; its name counts on if names end in numbers. */
export function withAddedEntry(text: string, entries: readonly Entry[], address: string): string {
  const last = entries.at(-1)!;
  const [start, end] = last.lines;
  let copy = withAddress(text, last, address).slice(start, end + address.length - last.address.length);
  if (last.name !== last.address) copy = copy.replace(last.name, nextName(entries));
  if (!copy.endsWith('\n')) copy = `\n${copy}`;
  return text.slice(0, end) + copy + text.slice(end);
}

function nextName(entries: readonly Entry[]): string {
  const last = entries.at(-1)!.name;
  const stem = last.replace(/\d+$/, '');
  const highest = Math.max(1, ...entries.map(({ name }) => Number(/\d+$/.exec(name)?.[0] ?? 0)));
  return stem === last ? `${last}-2` : `${stem}${highest + 1}`;
}

function yamlEntries(text: string): Entry[] {
  const list = parseDocument(text).get('upstreams');
  if (!isSeq(list)) return [];
  return list.items.flatMap((item) => {
    const name = isMap(item) ? item.get('name') : undefined;
    const node = isMap(item) ? item.get('address', true) : undefined;
    if (!isMap(item) || !isScalar(node) || !node.range || !item.range) return [];
    const address = String(node.value);
    const [from, until] = node.range;
    const quoted = text.slice(from, until) === address ? 0 : 1;
    return [
      {
        name: typeof name === 'string' ? name : address,
        address,
        at: [from + quoted, until - quoted] as [number, number],
        lines: wholeLines(text, item.range[0], item.range[1]),
      },
    ];
  });
}

function nginxEntries(text: string, block?: string): Entry[] {
  const blocks = [...text.matchAll(/\bupstream\s+(\S+)\s*\{([^}]*)\}/g)];
  if (blocks.length > 1 && block === undefined)
    throw new MisfortuneError('which-block', `There are ${blocks.length} upstream blocks.`, {
      todo: `Say which one with block: ${blocks.map((match) => match[1]).join(', ')}.`,
    });
  const chosen = blocks.find((match) => block === undefined || match[1] === block);
  if (!chosen) return [];
  const offset = chosen.index + chosen[0].indexOf('{') + 1;
  return [...chosen[2]!.matchAll(/^([ \t]*server\s+)([^\s;]+)[^;\n]*;/gm)].map((match) => {
    const from = offset + match.index + match[1]!.length;
    const address = match[2]!;
    const until = offset + match.index + match[0].length;
    return {
      name: address,
      address,
      at: [from, from + address.length],
      lines: wholeLines(text, offset + match.index, until),
    };
  });
}

/** From the start of the first line to the end of the last, with its line break. */
function wholeLines(text: string, from: number, until: number): [number, number] {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const ends = text[until - 1] === '\n' ? until : text.indexOf('\n', until) + 1;
  return [start, ends === 0 ? text.length : ends];
}
