import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { isNginx, nginxServers } from './nginx.ts';

/** One server of a load balancer's list, and where it stands in the text. */
export interface Entry {
  name: string;
  /** host:port */
  address: string;
  /** Offsets of the address. */
  at: [number, number];
  /** Offsets of the whole lines of the entry, or of the entry alone where it shares its line with others. */
  lines: [number, number];
  /** It shares its line with others. */
  inline?: boolean;
  /** Offsets of its weight, or where one would go; undefined where a list has no weights. */
  weightAt?: [number, number];
}

/**
 * The entries of a list: the shop's `upstreams:` (name and address) or nginx' `upstream NAME { server …; }`.
 * Changes are made in the text itself, so that comments and layout stay as their author wrote them.
 * Throws MisfortuneError `no-upstreams`.
 */
export function readEntries(text: string, block?: string): Entry[] {
  const entries = isNginx(text) ? nginxEntries(text, block) : yamlEntries(text);
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
  const [from, until] = entry.lines;
  const gap = entry.inline ? /^[ \t]*/.exec(text.slice(until))![0].length : 0;
  return text.slice(0, from) + text.slice(until + gap);
}

/** Throws MisfortuneError `no-weights` for a list that has none. */
export function withWeight(text: string, { weightAt, address }: Entry, weight: number): string {
  if (!weightAt)
    throw new MisfortuneError('no-weights', 'The entries of this list have no weights.', {
      todo: "Only nginx' upstream blocks have them.",
      exitCode: exitCodes.refused,
    });
  const [from, until] = weightAt;
  const fresh = from === until;
  if (!fresh && text.slice(from, until) === `weight=${weight}`)
    throw new MisfortuneError('nothing-to-change', `${address} has the weight ${weight} already.`, {
      todo: 'Choose another weight.',
      exitCode: exitCodes.refused,
    });
  return `${text.slice(0, from)}${fresh ? ' ' : ''}weight=${weight}${text.slice(until)}`;
}

/** One more entry after the last, written as the last one is; its name counts on if names end in numbers. */
export function withAddedEntry(text: string, entries: readonly Entry[], address: string): string {
  const last = entries.at(-1)!;
  const [start, end] = last.lines;
  let copy = withAddress(text, last, address).slice(start, end + address.length - (last.at[1] - last.at[0]));
  if (last.name !== last.address) copy = copy.replace(last.name, nextName(entries));
  if (last.inline) copy = ` ${copy}`;
  else if (!copy.endsWith('\n')) copy = `\n${copy}`;
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
  return nginxServers(text, block).map(({ address, at, directive, parameters }) => {
    const weight = parameters.find((each) => each.text.startsWith('weight='));
    const own = ownLines(text, directive);
    return {
      name: address,
      address,
      at,
      lines: own ?? directive,
      inline: own === undefined,
      weightAt: weight?.at ?? [at[1], at[1]],
    };
  });
}

/** The whole lines of a directive that shares them with nothing but a comment; undefined if it shares them. */
function ownLines(text: string, [from, until]: [number, number]): [number, number] | undefined {
  const [start, end] = wholeLines(text, from, until);
  const alone = /^\s*$/.test(text.slice(start, from)) && /^[ \t]*(#.*)?\n?$/.test(text.slice(until, end));
  return alone ? [start, end] : undefined;
}

/** From the start of the first line to the end of the last, with its line break. */
function wholeLines(text: string, from: number, until: number): [number, number] {
  const start = text.lastIndexOf('\n', from - 1) + 1;
  const ends = text[until - 1] === '\n' ? until : text.indexOf('\n', until) + 1;
  return [start, ends === 0 ? text.length : ends];
}
