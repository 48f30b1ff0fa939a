import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGunzip, createGzip } from 'node:zlib';

const NAME = /^shop-[\dTZ-]+\.jsonl\.gz$/;

/** Backups in a folder, one file each: a line of JSON for some rows of a table. A file has its name when it is whole. */
export class BackupFolder {
  constructor(
    readonly path: string,
    private readonly keep: number,
  ) {
    mkdirSync(path, { recursive: true });
  }

  /** A new file. */
  create() {
    const name = `shop-${new Date().toISOString().replace(/[:.]/g, '-')}.jsonl.gz`;
    const draft = join(this.path, `.${name}`);
    const gzip = createGzip({ level: 1 });
    // All sessions wait for it at a time, and more than ten of them are no leak.
    gzip.setMaxListeners(0);
    const out = createWriteStream(draft);
    gzip.pipe(out);
    const close = async () => {
      gzip.end();
      await once(out, 'close');
    };
    return {
      write: async (table: string, rows: readonly string[]): Promise<void> => {
        if (!gzip.write(`${JSON.stringify({ table, rows })}\n`)) await once(gzip, 'drain');
      },
      /** Ends it; its size in bytes. The oldest files go. */
      keep: async (): Promise<number> => {
        await close();
        const { size } = statSync(draft);
        renameSync(draft, join(this.path, name));
        for (const old of this.names().slice(0, -this.keep)) rmSync(join(this.path, old));
        return size;
      },
      discard: async (): Promise<void> => {
        await close();
        rmSync(draft, { force: true });
      },
    };
  }

  /** The newest file. */
  last(): { bytes: number; rows(): AsyncGenerator<{ table: string; rows: string[] }> } | undefined {
    const name = this.names().at(-1);
    if (name === undefined) return undefined;
    const file = join(this.path, name);
    return {
      bytes: statSync(file).size,
      async *rows() {
        const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()) });
        for await (const line of lines) yield JSON.parse(line) as { table: string; rows: string[] };
      },
    };
  }

  private names(): string[] {
    return readdirSync(this.path)
      .filter((name) => NAME.test(name))
      .sort();
  }
}
