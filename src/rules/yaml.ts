import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

/** A rule file whose structure is wrong; the message begins with `file:line:column`. */
export class RuleFileError extends Error {
  readonly code = 'RULE_FILE';
  override readonly name = 'RuleFileError';
}

/** How many merges and aliases may lead on to one another. */
const DEEPEST = 50;

/** A mapping with its merge keys (`<<`) filled in; an own key wins over a merged one. */
export interface Entry {
  readonly key: Node;
  readonly value: Node | undefined;
}

/** Reads nodes of one YAML document: aliases and merge keys are followed, what is wrong is told with its place. */
export class YamlReader {
  readonly #document: Document;
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #text: string;

  constructor(document: Document, source: { file: string; text: string; lines: LineCounter }) {
    this.#document = document;
    this.#file = source.file;
    this.#lines = source.lines;
    this.#text = source.text;
  }

  /** What an alias stands for; undefined for nothing and null. */
  resolved(node: unknown): Node | undefined {
    let found = node as Node | null | undefined;
    for (let depth = 0; isAlias(found); depth++) {
      const target: Node | undefined = found.resolve(this.#document);
      if (!target || depth > DEEPEST) throw this.error(found, `Expected an anchor &${found.source} before`);
      found = target;
    }
    return !found || (isScalar(found) && found.value === null) ? undefined : found;
  }

  items(node: Node, what: string): (Node | undefined)[] {
    if (!isSeq(node)) throw this.error(node, `Expected a list of ${what}`);
    return node.items.map((item) => this.resolved(item));
  }

  entries(node: Node, what: string, depth = 0): Map<string, Entry> {
    if (!isMap(node)) throw this.error(node, `Expected ${what} to be a mapping`);
    if (depth > DEEPEST) throw this.error(node, `Expected merge keys that end, in ${what}`);
    const own = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const { key: keyNode, value } of node.items) {
      const key = this.resolved(keyNode);
      const name = String(isScalar(key) ? key.value : key);
      const at = (key ?? node) as Node;
      if (name !== '<<') {
        own.set(name, { key: at, value: this.resolved(value) });
        continue;
      }
      const target = this.resolved(value);
      for (const each of isSeq(target) ? this.items(target, 'mappings to merge') : [target]) {
        if (!each) throw this.error(at, 'Expected a mapping to merge');
        for (const [inner, entry] of this.entries(each, 'what is merged', depth + 1))
          if (!merged.has(inner)) merged.set(inner, entry);
      }
    }
    return new Map([...merged, ...own]);
  }

  text(entries: ReadonlyMap<string, Entry>, key: string): string | undefined {
    const node = entries.get(key)?.value;
    if (!node) return undefined;
    if (!isScalar(node)) throw this.error(node, `Expected text for "${key}"`);
    return String(node.value);
  }

  error(node: Node, message: string): RuleFileError {
    return new RuleFileError(`${this.place(node)}: ${message}`);
  }

  /** Of a node, or of a line and column of the text that a literal block scalar (`|`) holds. */
  place(node: Node, inside?: { line: number; column: number }): string {
    const start = this.#lines.linePos(node.range?.[0] ?? 0);
    if (!inside || !isScalar(node) || node.type !== 'BLOCK_LITERAL')
      return `${this.#file}:${start.line}:${start.col}`;
    const indent = /^ */.exec(this.#text.split('\n')[start.line] ?? '')?.[0].length ?? 0;
    return `${this.#file}:${start.line + inside.line}:${indent + inside.column}`;
  }
}
