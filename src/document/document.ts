import type { Document as YamlDocument } from 'yaml';
import { isAlias, isMap, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';
import { MisfortuneError, type SourcePlace } from '../errors.ts';

export type Path = readonly PropertyKey[];

/** One YAML file that was read: its plain value, and where in the file each part of it is. */
export interface SourceDocument {
  file: string;
  source: string;
  /** SHA-256 of the source, hex. */
  hash: string;
  value: unknown;
  /** Place of the value at `path`, or of the nearest parent that is there. */
  place(path: Path): SourcePlace;
  /** Place of the key `path.at(-1)` itself. */
  keyPlace(path: Path): SourcePlace;
}

/** An error at a place of a document. */
export function problemAt(
  place: SourcePlace,
  code: string,
  message: string,
  options: { todo?: string; cause?: unknown } = {},
): MisfortuneError {
  return new MisfortuneError(code, message, { ...options, place, exitCode: 2 });
}

/** Finds places in a parsed YAML document. */
export class Places {
  readonly #file: string;
  readonly #document: YamlDocument;
  readonly #lines: LineCounter;

  constructor(file: string, document: YamlDocument, lines: LineCounter) {
    this.#file = file;
    this.#document = document;
    this.#lines = lines;
  }

  place(path: Path): SourcePlace {
    let node: Node | null = this.#document.contents as Node | null;
    let offset = node?.range?.[0] ?? 0;
    for (const step of path) {
      const found = this.#child(node, step);
      if (!found) break;
      offset = found.value?.range?.[0] ?? found.key?.range?.[0] ?? offset;
      node = found.value;
    }
    return this.at(offset);
  }

  keyPlace(path: Path): SourcePlace {
    const parent = path.slice(0, -1).reduce<Node | null>(
      (node, step) => {
        return this.#child(node, step)?.value ?? null;
      },
      this.#document.contents as Node | null,
    );
    const key = path.length > 0 ? this.#child(parent, path.at(-1)!)?.key : undefined;
    return key?.range ? this.at(key.range[0]) : this.place(path);
  }

  at(offset: number): SourcePlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #child(node: Node | null, step: PropertyKey): { key?: Node; value: Node | null } | undefined {
    const target = isAlias(node) ? (node.resolve(this.#document) ?? null) : node;
    if (isSeq(target)) {
      const value = target.items[Number(step)] as Node | undefined;
      return value ? { value } : undefined;
    }
    if (!isMap(target)) return undefined;
    // A key may be a number in YAML, and is a text in what was read.
    const name = String(step);
    const pair = target.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === name,
    );
    return pair ? { key: pair.key as Node, value: pair.value as Node | null } : undefined;
  }
}
