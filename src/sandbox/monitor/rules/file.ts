import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { parseDuration } from '../promql/duration.ts';
import { PromqlError } from '../promql/error.ts';
import { parse } from '../promql/parse.ts';
import type { RuleDefinition, RuleGroupDefinition } from './rule.ts';

/** A rule file whose structure is wrong; the message begins with `file:line:column`. */
export class RuleFileError extends Error {
  readonly code = 'RULE_FILE';
  override readonly name = 'RuleFileError';
}

const GROUP_KEYS = ['name', 'interval', 'labels', 'rules'];
/** What Prometheus knows and we do not: refused rather than passed over. */
const UNSUPPORTED_KEYS = ['limit', 'query_offset'];
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/**
 * Reads a Prometheus rule file. A rule whose expression is wrong is kept with its `problem`, so that the rules
 * page can show it as the real one shows a failing rule; anything else that is wrong throws RuleFileError.
 */
export function readRuleFile(
  text: string,
  file: string,
  { defaultIntervalMs }: { defaultIntervalMs: number },
): RuleGroupDefinition[] {
  const reader = new RuleFileReader(text, file);
  return reader.groups(defaultIntervalMs);
}

class RuleFileReader {
  readonly #text: string;
  readonly #file: string;
  readonly #lines = new LineCounter();

  constructor(text: string, file: string) {
    this.#text = text;
    this.#file = file;
  }

  groups(defaultIntervalMs: number): RuleGroupDefinition[] {
    const document = parseDocument(this.#text, { lineCounter: this.#lines, prettyErrors: false });
    const [problem] = document.errors;
    if (problem) throw new RuleFileError(`${this.#place(problem.pos[0])}: ${problem.message}`);
    const root = this.#map(document.contents, 'the file', ['groups']);
    const list = root?.get('groups', true) as Node | undefined;
    if (!list) return [];
    const groups = this.#items(list, 'groups').map((node) => this.#group(node, defaultIntervalMs));
    const names = new Set<string>();
    for (const { name } of groups) {
      if (names.has(name)) {
        throw this.#error(list, `Expected every group name once, got "${name}" twice`);
      }
      names.add(name);
    }
    return groups;
  }

  #group(node: Node, defaultIntervalMs: number): RuleGroupDefinition {
    const map = this.#map(node, 'a rule group', GROUP_KEYS)!;
    const name = this.#string(map, 'name');
    if (!name) throw this.#error(node, 'Expected a group with a "name"');
    const shared = this.#strings(map, 'labels');
    const rules = map.get('rules', true) as Node | undefined;
    return {
      name,
      file: this.#file,
      intervalMs: this.#duration(map, 'interval') ?? defaultIntervalMs,
      rules: rules ? this.#items(rules, 'rules').map((rule) => this.#rule(rule, shared)) : [],
    };
  }

  #rule(node: Node, shared: Record<string, string>): RuleDefinition {
    const map = this.#map(node, 'a rule', RULE_KEYS)!;
    const record = this.#string(map, 'record');
    const alert = this.#string(map, 'alert');
    if ((record === undefined) === (alert === undefined)) {
      throw this.#error(node, 'Expected a rule with either "record" or "alert"');
    }
    const text = this.#string(map, 'expr');
    if (text === undefined) throw this.#error(node, `Expected an "expr" in rule "${record ?? alert}"`);
    for (const key of ['for', 'keep_firing_for', 'annotations']) {
      if (record !== undefined && map.has(key)) {
        throw this.#error(map.get(key, true) as Node, `Expected no "${key}" in recording rule "${record}"`);
      }
    }
    if (record !== undefined && !/^[A-Za-z_:][\w:]*$/.test(record)) {
      throw this.#error(map.get('record', true) as Node, `Expected a metric name, got "${record}"`);
    }
    return {
      kind: alert === undefined ? 'recording' : 'alerting',
      name: (record ?? alert)!,
      text,
      ...this.#expression(map.get('expr', true) as Node, text),
      forMs: this.#duration(map, 'for') ?? 0,
      keepFiringForMs: this.#duration(map, 'keep_firing_for') ?? 0,
      labels: { ...shared, ...this.#strings(map, 'labels') },
      annotations: this.#strings(map, 'annotations'),
    };
  }

  #expression(node: Node, text: string): Pick<RuleDefinition, 'expr' | 'problem'> {
    try {
      return { expr: parse(text), problem: undefined };
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error;
      return { expr: undefined, problem: `${this.#place(node.range?.[0] ?? 0)}: ${error.message}` };
    }
  }

  #items(node: Node, what: string): Node[] {
    if (!isSeq(node)) throw this.#error(node, `Expected a list of ${what}`);
    return node.items as Node[];
  }

  #map(node: Node | null, what: string, keys: readonly string[]): YAMLMap | undefined {
    if (node === null || (isScalar(node) && node.value === null)) return undefined;
    if (!isMap(node)) throw this.#error(node, `Expected ${what} to be a mapping`);
    for (const { key } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      if (UNSUPPORTED_KEYS.includes(name)) throw this.#error(key as Node, `"${name}" is not supported yet`);
      if (!keys.includes(name)) {
        throw this.#error(key as Node, `Expected one of ${keys.join(', ')} in ${what}, got "${name}"`);
      }
    }
    return node;
  }

  #string(map: YAMLMap, key: string): string | undefined {
    const node = map.get(key, true);
    if (!node) return undefined;
    if (!isScalar(node)) throw this.#error(node as Node, `Expected text for "${key}"`);
    return node.value === null ? undefined : String(node.value);
  }

  #strings(map: YAMLMap, key: string): Record<string, string> {
    const node = map.get(key, true) as Node | undefined;
    if (!node) return {};
    if (!isMap(node)) throw this.#error(node, `Expected a mapping for "${key}"`);
    return Object.fromEntries(
      node.items.map(({ key: name, value }) => {
        if (!isScalar(name) || !isScalar(value))
          throw this.#error(node, `Expected text for each of "${key}"`);
        return [String(name.value), String(value.value ?? '')];
      }),
    );
  }

  #duration(map: YAMLMap, key: string): number | undefined {
    const text = this.#string(map, key);
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms === undefined) {
      throw this.#error(
        map.get(key, true) as Node,
        `Expected a duration such as 5m for "${key}", got "${text}"`,
      );
    }
    return ms;
  }

  #error(node: Node, message: string): RuleFileError {
    return new RuleFileError(`${this.#place(node.range?.[0] ?? 0)}: ${message}`);
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.#file}:${line}:${col}`;
  }
}
