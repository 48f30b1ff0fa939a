import { LabelSet } from '../../promql/series/labels.ts';
import { functions, type TemplateScope } from './functions.ts';
import type { Command, Node, Operand, Pipeline, Template } from './tree.ts';
import { type Datum, entriesOf, isList, isSample, isTrue, textOf, typeName } from './value.ts';

/** Templates that call templates, at most so deep. */
const DEEPEST = 100;
/** Longest result in characters: what is longer is no text of an alert. */
const LONGEST = 1_000_000;
const MOST_TURNS = 100_000;

/** Fills a template. Throws Error where Go would. */
export function executeTemplate(template: Template, scope: TemplateScope): string {
  const data: Datum = new Map<string, Datum>([
    ['Labels', scope.labels],
    ['ExternalLabels', scope.externalLabels ?? LabelSet.empty],
    ['ExternalURL', scope.externalUrl ?? ''],
    ['Value', scope.value],
  ]);
  const execution = new Execution(template, scope, data);
  return execution.run();
}

interface Variable {
  readonly name: string;
  value: Datum;
}

/** Why the rest of a list is not executed. */
type Left = 'break' | 'continue' | undefined;

class Execution {
  readonly #template: Template;
  readonly #scope: TemplateScope;
  readonly #data: Datum;
  #variables: Variable[];
  #text = '';
  #depth = 0;
  #turns = 0;

  constructor(template: Template, scope: TemplateScope, data: Datum) {
    this.#template = template;
    this.#scope = scope;
    this.#data = data;
    this.#variables = [
      { name: '$', value: data },
      { name: '$labels', value: scope.labels },
      { name: '$externalLabels', value: scope.externalLabels ?? LabelSet.empty },
      { name: '$externalURL', value: scope.externalUrl ?? '' },
      { name: '$value', value: scope.value },
    ];
  }

  run(): string {
    this.#list(this.#template.body, this.#data);
    return this.#text;
  }

  #write(text: string): void {
    this.#text += text;
    if (this.#text.length > LONGEST) throw new Error(`the text is longer than ${LONGEST} characters`);
  }

  #list(nodes: readonly Node[], dot: Datum): Left {
    for (const node of nodes) {
      const left = this.#node(node, dot);
      if (left) return left;
    }
    return undefined;
  }

  #node(node: Node, dot: Datum): Left {
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return undefined;
      case 'action': {
        const value = this.#pipeline(node.pipeline, dot);
        if (node.pipeline.variables.length === 0) this.#write(textOf(value));
        return undefined;
      }
      case 'if':
      case 'with':
        return this.#scoped(() => {
          const value = this.#pipeline(node.pipeline, dot);
          if (!isTrue(value)) return this.#list(node.otherwise, dot);
          return this.#list(node.body, node.kind === 'with' ? value : dot);
        });
      case 'range':
        return this.#scoped(() => this.#range(node, dot));
      case 'template':
        this.#call(node.name, node.pipeline && this.#pipeline(node.pipeline, dot));
        return undefined;
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  #range(node: Extract<Node, { kind: 'if' | 'with' | 'range' }>, dot: Datum): Left {
    const { variables } = node.pipeline;
    const items = itemsOf(this.#value(node.pipeline, dot));
    if (items.length === 0) return this.#list(node.otherwise, dot);
    for (const [index, item] of items) {
      if (++this.#turns > MOST_TURNS) throw new Error(`range ran more than ${MOST_TURNS} times`);
      const left = this.#scoped(() => {
        const values = variables.length === 2 ? [index, item] : [item];
        for (const [i, name] of variables.entries()) this.#assign(name, values[i], node.pipeline.declares);
        return this.#list(node.body, item);
      });
      if (left === 'break') break;
    }
    return undefined;
  }

  #call(name: string, dot: Datum): void {
    const body = this.#template.defined.get(name);
    if (!body) throw new Error(`template "${name}" not defined`);
    if (++this.#depth > DEEPEST) throw new Error(`exceeded maximum template depth (${DEEPEST})`);
    const outside = this.#variables;
    this.#variables = [{ name: '$', value: dot }];
    this.#list(body, dot);
    this.#variables = outside;
    this.#depth--;
  }

  #scoped<T>(work: () => T): T {
    const known = this.#variables.length;
    const result = work();
    this.#variables.length = known;
    return result;
  }

  #assign(name: string, value: Datum, declares: boolean): void {
    const known = declares ? undefined : this.#variables.findLast((one) => one.name === name);
    if (known) known.value = value;
    else this.#variables.push({ name, value });
  }

  #pipeline(pipeline: Pipeline, dot: Datum): Datum {
    const value = this.#value(pipeline, dot);
    for (const name of pipeline.variables) this.#assign(name, value, pipeline.declares);
    return value;
  }

  #value({ commands }: Pipeline, dot: Datum): Datum {
    let piped: readonly Datum[] = [];
    for (const command of commands) piped = [this.#command(command, dot, piped)];
    return piped[0];
  }

  #command({ operands: [first, ...rest] }: Command, dot: Datum, piped: readonly Datum[]): Datum {
    if (first?.kind === 'function') {
      const result = this.#function(first.name, rest, dot, piped);
      return fieldsOf(result, first.fields);
    }
    const value = first && this.#operand(first, dot);
    const args = [...rest.map((one) => this.#operand(one, dot)), ...piped];
    if (args.length === 0) return value;
    return called(value, first, args);
  }

  #operand(operand: Operand, dot: Datum): Datum {
    switch (operand.kind) {
      case 'constant':
        return operand.value;
      case 'dot':
        return fieldsOf(dot, operand.fields);
      case 'variable':
        return fieldsOf(this.#variables.findLast(({ name }) => name === operand.name)?.value, operand.fields);
      case 'function':
        return fieldsOf(this.#function(operand.name, [], dot, []), operand.fields);
      case 'pipeline':
        return fieldsOf(this.#pipeline(operand.pipeline, dot), operand.fields);
    }
  }

  #function(name: string, operands: readonly Operand[], dot: Datum, piped: readonly Datum[]): Datum {
    if (name === 'and' || name === 'or') {
      let value: Datum;
      const all = [...operands.map((one) => () => this.#operand(one, dot)), ...piped.map((one) => () => one)];
      if (all.length === 0) throw new Error(`wrong number of args for ${name}: want at least 1 got 0`);
      for (const each of all) {
        value = each();
        if (isTrue(value) === (name === 'or')) return value;
      }
      return value;
    }
    const args = [...operands.map((one) => this.#operand(one, dot)), ...piped];
    if (name === 'tmpl') {
      const outside = this.#text;
      this.#text = '';
      this.#call(textOf(args[0]), args[1]);
      const result = this.#text;
      this.#text = outside;
      return result;
    }
    const known = functions.get(name);
    if (!known) throw new Error(`error calling ${name}: there is no function to call`);
    if (args.length < known.fewest || args.length > known.most) {
      const want = known.fewest === known.most ? known.fewest : `at least ${known.fewest}`;
      throw new Error(`wrong number of args for ${name}: want ${want} got ${args.length}`);
    }
    try {
      return known.call(args, this.#scope);
    } catch (cause) {
      throw new Error(`error calling ${name}: ${(cause as Error).message}`, { cause });
    }
  }
}

function itemsOf(value: Datum): [Datum, Datum][] {
  if (value === undefined) return [];
  if (isList(value)) return value.map((one, i) => [BigInt(i), one]);
  if (typeof value === 'bigint') {
    if (value > MOST_TURNS) throw new Error(`range ran more than ${MOST_TURNS} times`);
    return Array.from({ length: Math.max(0, Number(value)) }, (_, i) => [BigInt(i), BigInt(i)]);
  }
  const entries = entriesOf(value);
  if (entries) return entries;
  throw new Error(`range can't iterate over ${textOf(value)}`);
}

/** What the fields of a value hold, one in another. A label that is not there is empty. */
function fieldsOf(value: Datum, fields: readonly string[]): Datum {
  return fields.reduce<Datum>((from, field) => {
    if (from instanceof LabelSet) return from.get(field);
    if (from instanceof Map) {
      // The template's own data is a struct: only what it has can be asked.
      if (from.has('ExternalURL') && !from.has(field))
        throw new Error(`can't evaluate field ${field} in type template.tmplData`);
      return from.get(field);
    }
    if (isSample(from) && field === 'Labels') return from.labels;
    if (isSample(from) && field === 'Value') return from.value;
    if (from instanceof Date) return called(from, { kind: 'dot', fields: [field], at: 0 }, []);
    if (from === undefined) throw new Error(`nil data; no entry for key "${field}"`);
    throw new Error(`can't evaluate field ${field} in type ${typeName(from)}`);
  }, value);
}

const TIME_METHODS: Record<string, (date: Date) => Datum> = {
  Unix: (date) => BigInt(Math.floor(date.getTime() / 1000)),
  UTC: (date) => date,
  Year: (date) => BigInt(date.getUTCFullYear()),
  Day: (date) => BigInt(date.getUTCDate()),
  Hour: (date) => BigInt(date.getUTCHours()),
  Minute: (date) => BigInt(date.getUTCMinutes()),
  Second: (date) => BigInt(date.getUTCSeconds()),
  String: textOf,
};

/** Fields are no functions, apart from the methods of a time. */
function called(value: Datum, first: Operand | undefined, args: readonly Datum[]): Datum {
  const field = first && 'fields' in first ? first.fields.at(-1) : undefined;
  const method = value instanceof Date && args.length === 0 ? TIME_METHODS[field ?? ''] : undefined;
  if (method && value instanceof Date) return method(value);
  throw new Error(
    args.length === 0
      ? `can't evaluate field ${field} in type ${typeName(value)}`
      : `can't give argument to non-function ${field ? `.${field}` : textOf(value)}`,
  );
}
