import { LabelSet } from '../../../promql/series/labels.ts';
import { parseValue } from '../../../promql/value.ts';

export interface ExposedSample {
  readonly labels: LabelSet;
  readonly value: number;
  /** ms since epoch, if the target gave one. */
  readonly time?: number;
}

export interface MetricMetadata {
  type: string;
  help: string;
  unit: string;
}

export interface Exposition {
  readonly samples: readonly ExposedSample[];
  /** By metric family. */
  readonly metadata: ReadonlyMap<string, MetricMetadata>;
}

/**
 * Reads the Prometheus text format (0.0.4; comments and exemplars of OpenMetrics are passed over). Throws an
 * Error that names the line: as in Prometheus one bad line spoils the scrape.
 */
export function parseExposition(text: string): Exposition {
  const samples: ExposedSample[] = [];
  const metadata = new Map<string, MetricMetadata>();
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    const trimmed = line.trim();
    if (trimmed === '') continue;
    if (trimmed.startsWith('#')) readComment(trimmed, metadata);
    else samples.push(new SampleReader(trimmed, number).read());
  }
  return { samples, metadata };
}

function readComment(line: string, metadata: Map<string, MetricMetadata>): void {
  const match = /^#\s+(HELP|TYPE|UNIT)\s+(\S+)(?:\s+(.*))?$/.exec(line);
  if (!match) return;
  const [, kind, name, value = ''] = match;
  const known = metadata.get(name!) ?? { type: 'unknown', help: '', unit: '' };
  metadata.set(name!, known);
  if (kind === 'TYPE') known.type = value === 'untyped' ? 'unknown' : value;
  else if (kind === 'UNIT') known.unit = value;
  else known.help = value.replace(/\\([\\n])/g, (_, c: string) => (c === 'n' ? '\n' : '\\'));
}

/** One line: `name{label="value",…} value [timestamp] [# exemplar]`. */
class SampleReader {
  readonly #line: string;
  readonly #number: number;
  #at = 0;

  constructor(line: string, number: number) {
    this.#line = line;
    this.#number = number;
  }

  read(): ExposedSample {
    const entries: [string, string][] = [];
    const name = this.#take(/[A-Za-z_:][\w:]*/y);
    if (name !== undefined) entries.push(['__name__', name]);
    this.#space();
    if (this.#line[this.#at] === '{') this.#labels(entries);
    if (!entries.some(([label]) => label === '__name__')) throw this.#error('a metric name');
    this.#space();
    const value = parseValue(this.#take(/[^\s#]+/y) ?? '');
    if (value === undefined) throw this.#error('a number as value');
    this.#space();
    const stamp = this.#take(/-?\d+(\.\d+)?/y);
    this.#space();
    if (this.#at < this.#line.length && this.#line[this.#at] !== '#')
      throw this.#error('the end of the line');
    const sample = { labels: LabelSet.of(entries), value };
    return stamp === undefined ? sample : { ...sample, time: Number(stamp) };
  }

  #labels(entries: [string, string][]): void {
    this.#at++;
    for (;;) {
      this.#space();
      if (this.#line[this.#at] === '}') break;
      const quoted = this.#line[this.#at] === '"';
      const name = quoted ? this.#quoted() : this.#take(/[A-Za-z_]\w*/y);
      if (name === undefined) throw this.#error('a label name or "}"');
      this.#space();
      if (this.#line[this.#at] === '=') {
        this.#at++;
        this.#space();
        entries.push([name, this.#quoted()]);
      } else if (quoted) {
        entries.push(['__name__', name]);
      } else throw this.#error('"=" after a label name');
      this.#space();
      if (this.#line[this.#at] === ',') this.#at++;
      else if (this.#line[this.#at] !== '}') throw this.#error('"," or "}" after a label');
    }
    this.#at++;
  }

  #quoted(): string {
    const literal = this.#take(/"(?:[^"\\]|\\.)*"/y);
    if (literal === undefined) throw this.#error('a quoted value');
    if (!literal.includes('\\')) return literal.slice(1, -1);
    return literal.slice(1, -1).replace(/\\(.)/g, (whole, c: string) => {
      if (c === 'n') return '\n';
      return c === '"' || c === '\\' ? c : whole;
    });
  }

  #space(): void {
    while (this.#line[this.#at] === ' ' || this.#line[this.#at] === '\t') this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#line);
    if (!match) return undefined;
    this.#at += match[0].length;
    return match[0];
  }

  #error(expected: string): Error {
    return new Error(
      `Expected ${expected} in line ${this.#number} at column ${this.#at + 1} of the metrics, got: ${this.#line}`,
    );
  }
}
