import { isMap, isScalar, type Pair, parseAllDocuments, Scalar, stringify, visit, type YAMLMap } from 'yaml';
import type { RuleFile } from '../../rule-files.ts';
import { parseDuration } from '../../words/duration.ts';

/** One value of a rule, before and after. */
export interface RuleEdit {
  /** `['for']`, `['labels', 'owner']` … */
  path: readonly [string] | readonly [string, string];
  /** Undefined: it is not there yet. */
  from?: string;
  to: string;
  /** Of an expression the word that changes, everywhere or only where it stands last; the rest stays as it is written. */
  part?: { from: string; to: string; last?: true };
}

/** The file with a rule changed; undefined where no file has exactly this rule, or it says something else by now. */
export function editRule(
  files: readonly RuleFile[],
  name: string,
  edits: readonly RuleEdit[],
): { file: RuleFile; text: string } | undefined {
  const edited = files.flatMap((file) => {
    return rulesIn(file.text, name).flatMap((rule) => {
      const text = withEdits(file.text, rule, edits);
      return text === undefined ? [] : [{ file, text }];
    });
  });
  return edited.length === 1 ? edited[0] : undefined;
}

/** Rules of one name, wherever in the document: in a rule file, in a PrometheusRule, in a list of them. */
function rulesIn(text: string, name: string): YAMLMap[] {
  const found: YAMLMap[] = [];
  if (!text.includes(name)) return found;
  for (const document of parseAllDocuments(text)) {
    if (!('contents' in document)) continue;
    visit(document, {
      Map: (_, node) => {
        if (node.get('alert') === name) found.push(node);
      },
    });
  }
  return found;
}

function withEdits(text: string, rule: YAMLMap, edits: readonly RuleEdit[]): string | undefined {
  const places = edits.map((edit) => placeOf(text, rule, edit));
  if (places.some((place) => place === undefined)) return undefined;
  const sorted = places.flatMap((place) => place ?? []).sort((a, b) => b.from - a.from);
  return sorted.reduce((all, { from, until, put }) => all.slice(0, from) + put + all.slice(until), text);
}

/** Characters `from` to `until` of the text become `put`. */
interface Replacement {
  from: number;
  until: number;
  put: string;
}

function placeOf(text: string, rule: YAMLMap, edit: RuleEdit): Replacement | undefined {
  const [key, inner] = edit.path;
  const pair = pairOf(rule, key);
  if (inner === undefined) return pair ? replaced(text, pair, edit) : added(text, rule, key, edit.to);
  if (!pair) return added(text, rule, key, { [inner]: edit.to });
  if (!isMap(pair.value)) return undefined;
  const own = pairOf(pair.value, inner);
  return own ? replaced(text, own, edit) : added(text, pair.value, inner, edit.to);
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && item.key.value === key);
}

function replaced(
  text: string,
  { value }: Pair,
  { path, from, to, part }: RuleEdit,
): Replacement | undefined {
  if (!isScalar(value) || !value.range || from === undefined) return undefined;
  const [start, end] = value.range;
  const written = text.slice(start, end);
  if (part) {
    const put = withWord(written, part);
    return put === undefined ? undefined : { from: start, until: end, put };
  }
  if (!isSame(String(value.value), from, path[0])) return undefined;
  const isBlock = value.type === Scalar.BLOCK_FOLDED || value.type === Scalar.BLOCK_LITERAL;
  return { from: start, until: end, put: plain(to) + (isBlock && written.endsWith('\n') ? '\n' : '') };
}

/** Undefined where the word is not there, or only as a part of longer ones. */
function withWord(text: string, { from, to, last }: NonNullable<RuleEdit['part']>): string | undefined {
  const escaped = from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const places = [...text.matchAll(new RegExp(`(?<![\\w:.])${escaped}(?![\\w:.])`, 'g'))].map(
    ({ index }) => index,
  );
  if (places.length === 0) return undefined;
  return (last ? places.slice(-1) : places)
    .reverse()
    .reduce((all, at) => all.slice(0, at) + to + all.slice(at + from.length), text);
}

/** A new key behind the last one of the map. */
function added(
  text: string,
  map: YAMLMap,
  key: string,
  value: string | Record<string, string>,
): Replacement | undefined {
  const last = map.items.at(-1);
  if (!last || !isScalar(last.key) || !last.key.range || !map.range) return undefined;
  if (map.flow) {
    const at = text.lastIndexOf('}', map.range[1] - 1);
    const end = text.slice(0, at).trimEnd().length;
    const line = typeof value === 'string' ? plain(value) : flowMap(value);
    return { from: end, until: end, put: `, ${key}: ${line}` };
  }
  const column = last.key.range[0] - (text.lastIndexOf('\n', last.key.range[0] - 1) + 1);
  const indent = ' '.repeat(column);
  const body =
    typeof value === 'string'
      ? ` ${plain(value)}`
      : Object.entries(value)
          .map(([name, one]) => `\n${indent}  ${name}: ${plain(one)}`)
          .join('');
  const end = text.slice(0, map.range[1]).trimEnd().length;
  return { from: end, until: end, put: `\n${indent}${key}:${body}` };
}

function flowMap(value: Record<string, string>): string {
  const pairs = Object.entries(value).map(([name, one]) => `${name}: ${plain(one)}`);
  return `{ ${pairs.join(', ')} }`;
}

/** `1m` and `60s` say the same. */
function isSame(written: string, wanted: string, key: string): boolean {
  if (written === wanted) return true;
  const [a, b] = [parseDuration(written), parseDuration(wanted)];
  return key === 'for' && a !== undefined && a === b;
}

/** A value on one line, in quotes where YAML needs them; inside of braces, too. */
function plain(value: string): string {
  const text = stringify(value, { lineWidth: 0 }).trimEnd();
  return text.startsWith('|') || text.startsWith('>') || /^[^"'].*[,{}[\]]/.test(text)
    ? JSON.stringify(value)
    : text;
}
