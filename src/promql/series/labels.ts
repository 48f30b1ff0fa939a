/** Separates names and values in keys: cannot occur in valid UTF-8 text. */
const SEPARATOR = '\uffff';

/**
 * An immutable set of labels, sorted by name, without empty values (in Prometheus an empty label is an absent
 * one). Series keep one instance for life, so that work derived from labels can be cached by identity.
 */
export class LabelSet {
  static readonly empty = new LabelSet([], []);

  readonly #names: readonly string[];
  readonly #values: readonly string[];
  #key: string | undefined;
  #withoutName: LabelSet | undefined;

  private constructor(names: readonly string[], values: readonly string[]) {
    this.#names = names;
    this.#values = values;
  }

  /** Later entries win over earlier ones of the same name. */
  static of(entries: Iterable<readonly [string, string]>): LabelSet {
    const unique = new Map<string, string>();
    for (const [name, value] of entries) unique.set(name, value);
    const names = [...unique.keys()].filter((name) => unique.get(name) !== '').sort();
    return new LabelSet(
      names,
      names.map((name) => unique.get(name)!),
    );
  }

  static from(labels: Readonly<Record<string, string>>): LabelSet {
    return LabelSet.of(Object.entries(labels));
  }

  get size(): number {
    return this.#names.length;
  }

  /** Equal exactly for equal label sets. */
  get key(): string {
    if (this.#key === undefined) {
      let key = '';
      for (let i = 0; i < this.#names.length; i++) {
        key += `${this.#names[i]}${SEPARATOR}${this.#values[i]}${SEPARATOR}`;
      }
      this.#key = key;
    }
    return this.#key;
  }

  /** The value, or '' if there is no such label. */
  get(name: string): string {
    for (let i = 0; i < this.#names.length; i++) if (this.#names[i] === name) return this.#values[i]!;
    return '';
  }

  *[Symbol.iterator](): IterableIterator<[string, string]> {
    for (let i = 0; i < this.#names.length; i++) yield [this.#names[i]!, this.#values[i]!];
  }

  keep(names: readonly string[]): LabelSet {
    return this.#filter((name) => names.includes(name));
  }

  drop(names: readonly string[]): LabelSet {
    return this.#filter((name) => !names.includes(name));
  }

  /** Without the metric name. */
  withoutName(): LabelSet {
    this.#withoutName ??= this.get('__name__') === '' ? this : this.drop(['__name__']);
    return this.#withoutName;
  }

  /** With these labels set; an empty value removes the label. */
  with(labels: Readonly<Record<string, string>>): LabelSet {
    return LabelSet.of([...this, ...Object.entries(labels)]);
  }

  toJSON(): Record<string, string> {
    return Object.fromEntries(this);
  }

  /** As Prometheus writes it: `name{a="b"}`. */
  toString(): string {
    const pairs = [...this].filter(([name]) => name !== '__name__');
    return `${this.get('__name__')}{${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ')}}`;
  }

  #filter(wanted: (name: string) => boolean): LabelSet {
    const names: string[] = [];
    const values: string[] = [];
    for (let i = 0; i < this.#names.length; i++) {
      if (!wanted(this.#names[i]!)) continue;
      names.push(this.#names[i]!);
      values.push(this.#values[i]!);
    }
    return new LabelSet(names, values);
  }
}
