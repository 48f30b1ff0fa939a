/** Kept of each kind, as Prometheus' API shows them. */
const MOST = 10;

/** Remarks on a query that was answered: what may be wrong with it, or with its data. */
export class Annotations {
  readonly #text: string | undefined;
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  /** @param text of the query, for places in it */
  constructor(text: string | undefined) {
    this.#text = text;
  }

  /** @param at offset into the query */
  warn(message: string, at: number): void {
    this.#warnings.add(`PromQL warning: ${message}${this.#place(at)}`);
  }

  /** @param at offset into the query */
  inform(message: string, at: number): void {
    this.#infos.add(`PromQL info: ${message}${this.#place(at)}`);
  }

  /** The fields of an answer; those without anything are left out. */
  fields(): { warnings?: string[]; infos?: string[] } {
    return {
      ...(this.#warnings.size > 0 && { warnings: shown(this.#warnings, 'warning') }),
      ...(this.#infos.size > 0 && { infos: shown(this.#infos, 'info') }),
    };
  }

  #place(at: number): string {
    if (this.#text === undefined) return '';
    const before = this.#text.slice(0, at).split('\n');
    return ` (${before.length}:${(before.at(-1)?.length ?? 0) + 1})`;
  }
}

function shown(all: ReadonlySet<string>, kind: string): string[] {
  const first = [...all].slice(0, MOST);
  return all.size > MOST ? [...first, `${all.size - MOST} more ${kind} annotations omitted`] : first;
}
