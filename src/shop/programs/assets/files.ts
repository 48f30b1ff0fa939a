import type { Settings } from './settings.ts';

/** A file of the origin as it is kept here. Times are milliseconds since 1970. */
export interface File {
  body: string;
  type: string;
  etag: string | undefined;
  modifiedAt: number;
  /** When the origin last said that it is current. */
  validatedAt: number;
  /** Until then the origin is not asked again. Decided when it is put here, as caches do. */
  expiresAt: number;
}

/** What the origin says of a file: a new text, that the one here is current, or that there is none. */
export type Answer = { file: Omit<File, 'validatedAt' | 'expiresAt'> } | 'current' | 'gone';

/** The files that are kept, by path. The clock is a parameter of every call. */
export class Files {
  readonly #files = new Map<string, File>();

  constructor(
    readonly settings: () => Settings,
    readonly most: number,
  ) {}

  get(path: string): File | undefined {
    return this.#files.get(this.#key(path));
  }

  /** Keeps what the origin has said. When there are too many, the one that expires first goes. */
  keep(path: string, answer: Answer, now: number): File | undefined {
    const key = this.#key(path);
    const known = answer === 'current' ? this.#files.get(key) : answer === 'gone' ? undefined : answer.file;
    this.#files.delete(key);
    if (!known) return undefined;
    const file = { ...known, validatedAt: now, expiresAt: now + this.settings().lifetimeSeconds * 1000 };
    this.#files.set(key, file);
    if (this.#files.size > this.most) this.#files.delete(this.#firstToExpire());
    return file;
  }

  /** The paths whose files are to be asked for again. What another generation left here goes. */
  due(now: number): string[] {
    const prefix = this.#key('');
    for (const key of this.#files.keys()) if (!key.startsWith(prefix)) this.#files.delete(key);
    return this.all().flatMap(([path, { expiresAt }]) => (expiresAt <= now ? [path] : []));
  }

  all(): [path: string, file: File][] {
    const prefix = this.#key('');
    return [...this.#files].flatMap(([key, file]): [string, File][] =>
      key.startsWith(prefix) ? [[key.slice(prefix.length), file]] : [],
    );
  }

  #key(path: string): string {
    return `${this.settings().generation} ${path}`;
  }

  #firstToExpire(): string {
    const [first] = [...this.#files].sort(([, a], [, b]) => a.expiresAt - b.expiresAt);
    return first?.[0] ?? '';
  }
}
