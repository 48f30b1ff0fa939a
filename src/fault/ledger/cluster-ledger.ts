import { gzipSync } from 'node:zlib';
import type { Clock } from '../../clock.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { inTurn } from '../../cluster/wait/in-turn.ts';
import { persist } from '../../cluster/wait/persist.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import {
  type ClusterLedgerContents,
  continuesAnnotation,
  labelsOf,
  type Segment,
  selectorOf,
  sumAnnotation,
} from './cluster-ledger-read.ts';
import type { LedgerEntry } from './entry.ts';
import type { Ledger } from './ledger.ts';
import { formatLine, withoutPreimages } from './line.ts';

/** A Secret holds 1 MiB in all; a segment is full long before that, so that most entries fit beside others. */
const segmentBytes = 512 * 1024;
const largestEntry = 1000 * 1024;

export interface LedgerPlace {
  cluster: Cluster;
  clock: Clock;
  /** Never a target of a game. */
  namespace: string;
}

/** The copy of a ledger in the cluster: Secrets under neutral names, with an entry a key. */
export interface ClusterLedger extends Ledger {
  /** Tells ledgers apart, those of equally named games on two machines too: the checksum of its first entry. */
  readonly id: string;
  /** Checksum of its last entry: what a guardian acknowledges. */
  readonly sum: string;
  /** Takes it out of the cluster, with the baseline beside it. */
  remove(): Promise<void>;
}

/** Starts a copy that begins with these entries. Throws ClusterError, MisfortuneError `no-maintenance-namespace`. */
export async function createClusterLedger(
  place: LedgerPlace,
  entries: readonly LedgerEntry[],
): Promise<ClusterLedger> {
  const ledger = new SecretLedger(place, { id: '', entries: [], lines: [], sum: '', segments: [] });
  await ledger.append(...entries);
  return ledger;
}

/** Carries on with a copy that was read. Throws its problem, if it has one. */
export function openClusterLedger(place: LedgerPlace, contents: ClusterLedgerContents): ClusterLedger {
  if (contents.problem) throw contents.problem;
  return new SecretLedger(place, contents);
}

/** Takes a copy out of the cluster, with the baseline beside it, whether it can be read or not. Throws ClusterError. */
export async function removeClusterLedger(
  cluster: Cluster,
  { namespace, id }: { namespace: string; id: string },
): Promise<void> {
  const secrets = await cluster.list({ kind: 'secret' }, { namespace, labelSelector: selectorOf({ id }) });
  // Backwards: what is left after a crash still begins with the first entry.
  for (const { metadata } of secrets.sort((a, b) => (a.metadata.name < b.metadata.name ? 1 : -1)))
    await cluster.delete({ kind: 'secret', namespace, name: metadata.name }, { uid: metadata.uid });
}

class SecretLedger implements ClusterLedger {
  readonly entries: LedgerEntry[];
  id: string;
  sum: string;
  /** Also those that are not in the cluster yet: the request failed, or nobody knows. */
  private readonly lines: string[];
  private readonly segments: Segment[];
  private readonly enqueue = inTurn();

  constructor(
    private readonly place: LedgerPlace,
    { id, entries, lines, sum, segments }: ClusterLedgerContents,
  ) {
    this.id = id;
    this.entries = [...entries];
    this.lines = [...lines];
    this.sum = sum;
    this.segments = segments.map((segment) => ({ ...segment }));
  }

  append(...entries: LedgerEntry[]): Promise<void> {
    return this.enqueue(async () => {
      for (const entry of entries) this.add(entry);
      await this.writeAll();
    });
  }

  note(entry: LedgerEntry): Promise<void> {
    return this.enqueue(async () => this.add(entry));
  }

  flush(): Promise<void> {
    return this.enqueue(() => this.writeAll());
  }

  /** Leaves the entries without pre-images as a sign for whoever has the other copy. */
  erase(at: number): Promise<void> {
    return this.enqueue(async () => {
      if (this.entries.at(-1)?.type === 'erased') return;
      const kept = withoutPreimages(this.entries, at);
      const lines: string[] = [];
      let sum = '';
      for (const entry of kept) {
        const next = formatLine(entry, sum);
        lines.push(next.line);
        sum = next.sum;
      }
      const [first, ...others] = this.segments;
      if (!first) return;
      const data = Object.fromEntries(lines.map((line, index) => [keyOf(index), encode(line)]));
      const { cluster } = this.place;
      const written = await this.persist(async () => {
        const now = await cluster.get(this.refOf(first.number));
        const object = this.manifest(0, data, sum);
        if (!now) return await cluster.create(object);
        const { resourceVersion } = now.metadata;
        return await cluster.replace({ ...object, metadata: { ...object.metadata, resourceVersion } });
      });
      for (const { number } of others) await this.removeSegment(number);
      this.lines.splice(0, this.lines.length, ...lines);
      this.entries.splice(0, this.entries.length, ...kept);
      this.segments.splice(0, this.segments.length, {
        number: 0,
        count: lines.length,
        bytes: sizeOf(data),
        version: written.metadata.resourceVersion ?? '',
      });
      this.sum = sum;
    });
  }

  remove(): Promise<void> {
    const { cluster, namespace } = this.place;
    return this.enqueue(() => removeClusterLedger(cluster, { namespace, id: this.id }));
  }

  close(): Promise<void> {
    return this.enqueue(async () => undefined);
  }

  private add(entry: LedgerEntry): void {
    const { line, sum } = formatLine(entry, this.sum);
    if (this.id === '') this.id = sum;
    this.lines.push(line);
    this.entries.push(entry);
    this.sum = sum;
  }

  private async writeAll(): Promise<void> {
    while (this.written() < this.lines.length) await this.writeNext();
  }

  private written(): number {
    return this.segments.reduce((sum, { count }) => sum + count, 0);
  }

  /** Writes as many of the waiting lines as fit into one Secret. */
  private async writeNext(): Promise<void> {
    const from = this.written();
    const last = this.segments.at(-1);
    const data: Record<string, string> = {};
    let bytes = last?.bytes ?? 0;
    let to = from;
    for (; to < this.lines.length; to += 1) {
      const value = encode(this.lines[to]!);
      if (value.length > largestEntry) throw tooLarge(value.length);
      if (bytes + value.length > segmentBytes && (bytes > 0 || to > from)) break;
      data[keyOf(to)] = value;
      bytes += value.length;
    }
    const sum = sumOf(this.lines[to - 1] ?? this.lines[from - 1]!);
    if (to === from) await this.startSegment(from);
    else if (!last) await this.create(0, data, sum, to);
    else await this.extend(last, { data, sum, bytes, count: last.count + to - from });
  }

  /** A new Secret with the next line; then the one before says that it goes on, so that a lost one is missed. */
  private async startSegment(from: number): Promise<void> {
    const last = this.segments.at(-1)!;
    const line = this.lines[from]!;
    await this.create(last.number + 1, { [keyOf(from)]: encode(line) }, sumOf(line), 1);
    const metadata = { annotations: { [continuesAnnotation]: 'true' } };
    const marked = await this.persist(() =>
      this.place.cluster.patch(this.refOf(last.number), 'merge', { metadata }),
    );
    last.version = marked.metadata.resourceVersion ?? '';
  }

  private async create(
    number: number,
    data: Record<string, string>,
    sum: string,
    count: number,
  ): Promise<void> {
    const { cluster } = this.place;
    const object = this.manifest(number, data, sum);
    const made = await this.persist(async () => {
      try {
        return await cluster.create(object);
      } catch (error) {
        if (!(error instanceof ClusterError)) throw error;
        if (error.status === 404) throw noNamespace(this.place.namespace, error);
        if (error.code !== 'already-exists') throw error;
        // The answer to our own request was lost: its name has a checksum of its content in it.
        return await cluster.get(this.refOf(number));
      }
    });
    this.segments.push({ number, count, bytes: sizeOf(data), version: made.metadata.resourceVersion ?? '' });
  }

  private async extend(
    segment: Segment,
    next: { data: Record<string, string>; sum: string; bytes: number; count: number },
  ): Promise<void> {
    const { cluster } = this.place;
    const body = { metadata: { annotations: { [sumAnnotation]: next.sum } }, data: next.data };
    const patched = await this.persist(async () => {
      const metadata = { ...body.metadata, resourceVersion: segment.version };
      try {
        return await cluster.patch(this.refOf(segment.number), 'merge', { ...body, metadata });
      } catch (error) {
        if (!(error instanceof ClusterError) || ![404, 409].includes(error.status ?? 0)) throw error;
        segment.version = await this.versionIfOurs(segment, next.sum);
        return undefined;
      }
    });
    Object.assign(segment, {
      version: patched.metadata.resourceVersion ?? '',
      bytes: next.bytes,
      count: next.count,
    });
  }

  /** The Secret changed or is gone: either by our own write whose answer was lost, or by whoever took the game over. */
  private async versionIfOurs(segment: Segment, wanted: string): Promise<string> {
    const now = await this.place.cluster.get(this.refOf(segment.number));
    const seen = now?.metadata.annotations?.[sumAnnotation];
    const before = this.segments.reduce((count, each) => count + (each === segment ? 0 : each.count), 0);
    const known = this.lines.slice(before, before + segment.count).at(-1);
    const ours = seen === wanted || (known !== undefined && seen === sumOf(known));
    if (now && ours) return now.metadata.resourceVersion ?? '';
    throw new MisfortuneError(
      'ledger-taken',
      'The game was taken over: somebody else now writes the ledger in the cluster.',
      { todo: 'Run `misfortune recover` to see what is left.', exitCode: exitCodes.leftover },
    );
  }

  private async removeSegment(number: number): Promise<void> {
    await this.persist(async () => {
      await this.place.cluster.delete(this.refOf(number));
      return true;
    });
  }

  private manifest(number: number, data: Record<string, string>, sum: string): ClusterObject {
    return {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'Opaque',
      metadata: {
        name: this.refOf(number).name,
        namespace: this.place.namespace,
        labels: labelsOf('journal', this.id),
        annotations: { [sumAnnotation]: sum },
      },
      data,
    };
  }

  private refOf(number: number) {
    return { kind: 'secret', namespace: this.place.namespace, name: `maintenance-${this.id}-${number}` };
  }

  private persist<T>(attempt: () => Promise<T | undefined>): Promise<T> {
    return persist({ clock: this.place.clock }, attempt);
  }
}

const keyOf = (index: number) => String(index).padStart(6, '0');

/** A program in a manifest shrinks to a third. */
function encode(line: string): string {
  return gzipSync(line).toString('base64');
}

function sizeOf(data: Record<string, string>): number {
  return Object.values(data).reduce((sum, { length }) => sum + length, 0);
}

function sumOf(line: string): string {
  return line.slice('{"sum":"'.length, '{"sum":"'.length + 16);
}

function noNamespace(namespace: string, cause: unknown): MisfortuneError {
  return new MisfortuneError(
    'no-maintenance-namespace',
    `There is no namespace ${namespace}: the second copy of the ledger is kept there.`,
    {
      todo: `Make it with \`kubectl create namespace ${namespace}\`, or name another one under guardian.namespace in misfortune.yaml.`,
      exitCode: exitCodes.refused,
      cause,
    },
  );
}

function tooLarge(bytes: number): MisfortuneError {
  return new MisfortuneError(
    'ledger-entry-too-large',
    `A change needs ${Math.round(bytes / 1024)} KiB in the ledger; a Secret in the cluster takes ${largestEntry / 1024}.`,
    { todo: 'Change a smaller object.', exitCode: exitCodes.refused },
  );
}
