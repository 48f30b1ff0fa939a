import { type Document, isScalar, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { parseDuration } from '../promql/duration.ts';
import { PromqlError } from '../promql/error.ts';
import type { Expr } from '../promql/syntax/ast.ts';
import { parse } from '../promql/syntax/parse.ts';
import type { RuleDefinition, RuleGroupDefinition } from './rule.ts';
import { parseTemplate } from './template/parse.ts';
import { TemplateError } from './template/tree.ts';
import { type Entry, RuleFileError, YamlReader } from './yaml.ts';

const GROUP_KEYS = ['name', 'interval', 'limit', 'query_offset', 'labels', 'rules'];
/** Of Thanos, in PrometheusRule objects; it says nothing to a single Prometheus. */
const OBJECT_GROUP_KEYS = [...GROUP_KEYS, 'partial_response_strategy'];
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/** Rules of one file: aliases can make many of few lines. */
const MOST_RULES = 20_000;

type Entries = ReadonlyMap<string, Entry>;

/**
 * Reads rules: a Prometheus rule file, a PrometheusRule object, a List of them, or several documents of these. Refuses
 * what Prometheus refuses, expressions and templates too: throws RuleFileError, which begins with `file:line:column`.
 */
export function readRuleFile(
  text: string,
  file: string,
  { defaultIntervalMs }: { defaultIntervalMs: number },
): RuleGroupDefinition[] {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false });
  const groups: RuleGroupDefinition[] = [];
  let rules = 0;
  for (const document of Array.isArray(documents) ? (documents as Document[]) : []) {
    const yaml = new YamlReader(document, { file, text, lines });
    const [problem] = document.errors;
    if (problem) {
      const { line, col } = lines.linePos(problem.pos[0]);
      throw new RuleFileError(`${file}:${line}:${col}: ${problem.message}`);
    }
    const reader = new RuleReader(yaml, file, defaultIntervalMs);
    for (const group of reader.groups(yaml.resolved(document.contents))) {
      groups.push(group);
      rules += group.rules.length;
      if (rules > MOST_RULES) throw new RuleFileError(`${file}:1:1: Expected at most ${MOST_RULES} rules`);
    }
  }
  return groups;
}

class RuleReader {
  readonly #yaml: YamlReader;
  readonly #file: string;
  readonly #defaultIntervalMs: number;

  constructor(yaml: YamlReader, file: string, defaultIntervalMs: number) {
    this.#yaml = yaml;
    this.#file = file;
    this.#defaultIntervalMs = defaultIntervalMs;
  }

  *groups(root: Node | undefined): Iterable<RuleGroupDefinition> {
    if (!root) return;
    const entries = this.#yaml.entries(root, 'the file');
    const kind = this.#yaml.text(entries, 'kind');
    if (kind === undefined) {
      this.#checkKeys(entries, ['groups'], 'the file');
      yield* this.#list(entries.get('groups')?.value, GROUP_KEYS);
    } else if (kind === 'PrometheusRule') {
      const spec = entries.get('spec')?.value;
      if (!spec) return;
      const inner = this.#yaml.entries(spec, 'spec');
      this.#checkKeys(inner, ['groups'], 'spec');
      yield* this.#list(inner.get('groups')?.value, OBJECT_GROUP_KEYS);
    } else if (kind.endsWith('List')) {
      const items = entries.get('items')?.value;
      for (const item of items ? this.#yaml.items(items, 'objects') : []) yield* this.groups(item);
    } else {
      const at = entries.get('kind')?.key ?? root;
      throw this.#yaml.error(at, `Expected "groups", a PrometheusRule or a List of them, got kind "${kind}"`);
    }
  }

  *#list(list: Node | undefined, keys: readonly string[]): Iterable<RuleGroupDefinition> {
    const names = new Set<string>();
    for (const node of list ? this.#yaml.items(list, 'groups') : []) {
      if (!node) throw this.#yaml.error(list as Node, 'Expected a group with a "name"');
      const group = this.#group(node, keys);
      if (names.has(group.name))
        throw this.#yaml.error(list as Node, `Expected every group name once, got "${group.name}" twice`);
      names.add(group.name);
      yield group;
    }
  }

  #group(node: Node, keys: readonly string[]): RuleGroupDefinition {
    const entries = this.#yaml.entries(node, 'a rule group');
    this.#checkKeys(entries, keys, 'a rule group');
    const name = this.#yaml.text(entries, 'name');
    if (!name) throw this.#yaml.error(node, 'Expected a group with a "name"');
    const shared = this.#texts(entries, 'labels', undefined);
    const rules = entries.get('rules')?.value;
    return {
      name,
      file: this.#file,
      intervalMs: this.#duration(entries, 'interval') ?? this.#defaultIntervalMs,
      queryOffsetMs: this.#duration(entries, 'query_offset') ?? 0,
      limit: this.#count(entries, 'limit'),
      rules: (rules ? this.#yaml.items(rules, 'rules') : []).map((rule) => {
        if (!rule) throw this.#yaml.error(rules as Node, 'Expected a rule with either "record" or "alert"');
        return this.#rule(rule, shared);
      }),
    };
  }

  #rule(node: Node, shared: Record<string, string>): RuleDefinition {
    const entries = this.#yaml.entries(node, 'a rule');
    this.#checkKeys(entries, RULE_KEYS, 'a rule');
    const record = this.#yaml.text(entries, 'record');
    const alert = this.#yaml.text(entries, 'alert');
    const name = record ?? alert;
    if (!name || (record !== undefined && alert !== undefined)) {
      throw this.#yaml.error(node, 'Expected a rule with either "record" or "alert"');
    }
    const text = this.#yaml.text(entries, 'expr');
    if (text === undefined) throw this.#yaml.error(node, `Expected an "expr" in rule "${name}"`);
    for (const key of ['for', 'keep_firing_for', 'annotations']) {
      const value = entries.get(key)?.value;
      if (record !== undefined && value)
        throw this.#yaml.error(value, `Expected no "${key}" in recording rule "${name}"`);
    }
    if (record !== undefined && !/^[A-Za-z_:][\w:]*$/.test(record)) {
      throw this.#yaml.error(entries.get('record')?.value ?? node, `Expected a metric name, got "${record}"`);
    }
    return {
      kind: alert === undefined ? 'recording' : 'alerting',
      name,
      expr: this.#expression(entries.get('expr')?.value ?? node, text, name),
      forMs: this.#duration(entries, 'for') ?? 0,
      keepFiringForMs: this.#duration(entries, 'keep_firing_for') ?? 0,
      labels: { ...shared, ...this.#texts(entries, 'labels', record === undefined ? name : undefined) },
      annotations: this.#texts(entries, 'annotations', name),
    };
  }

  #expression(node: Node, text: string, rule: string): Expr {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof PromqlError)) throw error;
      const [, line, column, message = error.message] = /^(\d+):(\d+): (.*)$/s.exec(error.message) ?? [];
      const place = this.#yaml.place(node, line ? { line: Number(line), column: Number(column) } : undefined);
      throw new RuleFileError(`${place}: ${rule}: ${message}`);
    }
  }

  #checkKeys(entries: Entries, keys: readonly string[], what: string): void {
    for (const [name, { key }] of entries) {
      if (!keys.includes(name))
        throw this.#yaml.error(key, `Expected one of ${keys.join(', ')} in ${what}, got "${name}"`);
    }
  }

  /** Labels or annotations; with an `owner` each is a template. */
  #texts(entries: Entries, key: string, owner: string | undefined): Record<string, string> {
    const node = entries.get(key)?.value;
    if (!node) return {};
    const texts = [...this.#yaml.entries(node, `"${key}"`)].map(
      ([name, { key: at, value }]): [string, string] => {
        if (value && !isScalar(value)) throw this.#yaml.error(value, `Expected text for each of "${key}"`);
        if (!name || (key === 'labels' && name === '__name__'))
          throw this.#yaml.error(at, `Expected another name in "${key}", got "${name}"`);
        const text = value ? String(value.value) : '';
        if (value && owner) this.#checkTemplate(value, text, `${owner}: ${key.replace(/s$/, '')} ${name}`);
        return [name, text];
      },
    );
    return Object.fromEntries(texts);
  }

  #checkTemplate(node: Node, text: string, what: string): void {
    try {
      parseTemplate(text);
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      const before = text.slice(0, error.at).split('\n');
      const place = this.#yaml.place(node, { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 });
      throw new RuleFileError(`${place}: ${what}: ${error.message}`);
    }
  }

  #duration(entries: Entries, key: string): number | undefined {
    const text = this.#yaml.text(entries, key);
    if (text === undefined) return undefined;
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    throw this.#yaml.error(
      entries.get(key)?.value as Node,
      `Expected a duration such as 5m for "${key}", got "${text}"`,
    );
  }

  /** 0 if it is not there. */
  #count(entries: Entries, key: string): number {
    const text = this.#yaml.text(entries, key) ?? '0';
    if (/^\d+$/.test(text)) return Number(text);
    throw this.#yaml.error(
      entries.get(key)?.value as Node,
      `Expected a whole number for "${key}", got "${text}"`,
    );
  }
}
