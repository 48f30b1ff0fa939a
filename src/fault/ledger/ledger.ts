import { constants } from 'node:fs';
import { type FileHandle, open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inTurn } from '../../cluster/wait/in-turn.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { LedgerEntry } from './entry.ts';
import { assertReadable, formatLine, parseLine, withoutPreimages } from './line.ts';

/**
 * The write-ahead record of what a game does to the cluster. `append` resolves when the entries would survive
 * a power cut; only then may the changes be made. There are two: a file and a copy in the cluster (cluster-ledger.ts).
 */
export interface Ledger {
  readonly entries: readonly LedgerEntry[];
  append(...entries: LedgerEntry[]): Promise<void>;
  /** For what happened and announces nothing: it survives a power cut with the next `append`, or `flush`. */
  note(entry: LedgerEntry): Promise<void>;
  flush(): Promise<void>;
  /** Drops the pre-images, which may hold what should not lie about, and keeps what happened. */
  erase(at: number): Promise<void>;
  close(): Promise<void>;
}

type Opened = Extract<LedgerEntry, { type: 'opened' }>;

/** Starts a ledger in a new file (mode 0600). Throws MisfortuneError `ledger-exists`. */
export async function createLedger(file: string, opened: Omit<Opened, 'type' | 'version'>): Promise<Ledger> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
  const handle = await open(file, flags, 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw unwritable(file, error);
    throw new MisfortuneError('ledger-exists', `The ledger ${file} already exists.`, {
      todo: 'Run `misfortune recover` to finish that game.',
      exitCode: exitCodes.leftover,
    });
  });
  await syncFolder(file);
  const ledger = new FileLedger(file, handle, { entries: [], length: 0, sum: '' });
  await ledger.append({ type: 'opened', version: 1, ...opened });
  return ledger;
}

/** Opens a ledger to carry on with it. A torn last line (the change it announced was never made) is cut off. */
export async function openLedger(file: string): Promise<Ledger> {
  const contents = await readLedger(file);
  const handle = await open(file, constants.O_RDWR | constants.O_APPEND);
  await handle.truncate(contents.length);
  return new FileLedger(file, handle, contents);
}

export interface LedgerContents {
  entries: LedgerEntry[];
  /** Bytes that hold whole entries; less than the file's size if its end is torn. */
  length: number;
  /** Checksum of the last entry. */
  sum: string;
}

/**
 * Reads and checks a ledger. Throws MisfortuneError `ledger-missing`, `ledger-newer`, or `ledger-damaged` for
 * damage anywhere but at its end.
 */
export async function readLedger(file: string): Promise<LedgerContents> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new MisfortuneError('ledger-missing', `Expected a ledger at ${file}: ${error.message}.`, {
      todo: 'Name the folder of a game: `misfortune games` lists them.',
      exitCode: exitCodes.usage,
      cause: error,
    });
  });
  const entries: LedgerEntry[] = [];
  let [length, sum] = [0, ''];
  while (length < bytes.length) {
    const end = bytes.indexOf(10, length);
    const entry = end < 0 ? undefined : parseLine(bytes.toString('utf8', length, end), sum);
    if (!entry) {
      // Cut off. A whole line with another checksum was synced once: a change may hang on it.
      if (end < 0) break;
      throw new MisfortuneError(
        'ledger-damaged',
        `Line ${entries.length + 1} of ${file} does not match its checksum.`,
        {
          todo: 'The file was changed or damaged after it was written: restore it from a backup, or compare the cluster with `misfortune recover --verify`.',
          exitCode: exitCodes.leftover,
        },
      );
    }
    entries.push(entry.entry);
    sum = entry.sum;
    length = end + 1;
  }
  assertReadable(entries, file);
  return { entries, length, sum };
}

class FileLedger implements Ledger {
  readonly entries: LedgerEntry[];
  private length: number;
  private sum: string;
  private readonly enqueue = inTurn();

  constructor(
    private readonly file: string,
    private handle: FileHandle,
    { entries, length, sum }: LedgerContents,
  ) {
    this.entries = entries;
    this.length = length;
    this.sum = sum;
  }

  append(...entries: LedgerEntry[]): Promise<void> {
    return this.enqueue(() => this.write(entries, true));
  }

  note(entry: LedgerEntry): Promise<void> {
    return this.enqueue(() => this.write([entry], false));
  }

  flush(): Promise<void> {
    return this.enqueue(() => this.handle.sync()).catch((error: unknown) => {
      throw unwritable(this.file, error);
    });
  }

  private async write(entries: readonly LedgerEntry[], isSynced: boolean): Promise<void> {
    let [text, sum] = ['', this.sum];
    for (const entry of entries) {
      const next = formatLine(entry, sum);
      text += next.line;
      sum = next.sum;
    }
    try {
      await this.handle.appendFile(text);
      if (isSynced) await this.handle.sync();
    } catch (error) {
      // A part of it may be there (a full disk); what is written next has to follow the last whole entry.
      await this.handle.truncate(this.length).catch(() => undefined);
      throw unwritable(this.file, error);
    }
    this.length += Buffer.byteLength(text);
    this.sum = sum;
    this.entries.push(...entries);
  }

  erase(at: number): Promise<void> {
    return this.enqueue(async () => {
      const kept = withoutPreimages(this.entries, at);
      let [text, sum] = ['', ''];
      for (const entry of kept) {
        const next = formatLine(entry, sum);
        text += next.line;
        sum = next.sum;
      }
      const draft = `${this.file}.new`;
      const handle = await open(draft, 'w', 0o600);
      await handle.writeFile(text);
      await handle.sync();
      await handle.close();
      await rename(draft, this.file);
      await syncFolder(this.file);
      await this.handle.close();
      this.handle = await open(this.file, constants.O_RDWR | constants.O_APPEND);
      this.entries.splice(0, this.entries.length, ...kept);
      this.length = Buffer.byteLength(text);
      this.sum = sum;
    });
  }

  async close(): Promise<void> {
    await this.enqueue(() => this.handle.close());
  }
}

/** Makes a new or renamed file's name durable too. Not every platform lets a folder be synced. */
async function syncFolder(file: string): Promise<void> {
  try {
    const folder = await open(dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch {
    // Windows and some network file systems refuse; the data itself is synced all the same.
  }
}

function unwritable(file: string, error: unknown): MisfortuneError {
  const why = error instanceof Error ? error.message : String(error);
  return new MisfortuneError('ledger-unwritable', `The ledger ${file} could not be written: ${why}.`, {
    todo: 'Nothing was changed in the cluster. Free some disk space, or set MISFORTUNE_HOME to another folder.',
    exitCode: exitCodes.refused,
    cause: error,
  });
}
