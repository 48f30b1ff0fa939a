import type { Clock } from '../../clock.ts';
import { groupOf } from '../../cluster/ref.ts';
import type { KubeRequest, Preimage } from '../action.ts';
import type { Actions, Caller } from '../actions.ts';
import { changedPaths } from '../changed-paths.ts';
import type { Sink } from '../sink.ts';
import type { Asked } from '../title-arguments.ts';
import type { Upstream } from '../upstream.ts';
import { valueChanges } from '../value-changes.ts';
import { afterImage, announceCreate, type Image, objectPath, readPreimages } from './preimage.ts';
import type { ParsedRequest } from './request.ts';

/** Answers larger than this are not kept to see what a write changed; they still pass. */
const keptAnswerBytes = 2 * 1024 * 1024;
/** A write whose answer did not come may still be committed: the object is read again at once, and after this. */
const lookAgainMs = 2_000;

/** A write before it is sent on. */
export interface SentWrite {
  parsed: ParsedRequest;
  path: string;
  actionId: string;
  caller: Caller;
  body: Buffer;
}

/** A write whose pre-images are on disk. */
export interface KeptWrite extends SentWrite {
  preimages: Preimage[];
  /** Its outcome is known, or will not be. */
  isSettled: boolean;
}

export interface KubeWritesOptions {
  upstream: Upstream;
  actions: Actions;
  sink: Sink;
  clock: Clock;
  who: string;
}

/** Keeps what writes are about to change, and what became of it. */
export class KubeWrites {
  private sequence = 0;
  /** Pre-images of writes that nobody knows the outcome of, with the object as the next write of ours found it. */
  private readonly undecided = new Map<
    Preimage,
    { found?: Record<string, unknown> | undefined } | undefined
  >();

  constructor(private readonly options: KubeWritesOptions) {}

  /** Resolves when what the write would undo is on disk: only then may it be sent on. */
  async keep(write: SentWrite): Promise<KeptWrite> {
    const { parsed, path, body } = write;
    const { upstream, sink } = this.options;
    const announced = isCreate(parsed) ? await announceCreate(parsed, path, body, upstream) : undefined;
    const images = isCreate(parsed)
      ? [announced].filter((image) => image !== undefined)
      : await readPreimages(parsed, path, upstream);
    const preimages = images.map((image) => this.stamp(image, write.actionId));
    for (const image of preimages) this.foundBy(image);
    if (preimages.length > 0) await sink.preimages(preimages);
    return { ...write, preimages, isSettled: false };
  }

  /** After the answer: the object as the write left it is kept too, and what changed goes into the action. Status 0: none. */
  async settle(write: KeptWrite, status: number, answer: Buffer | undefined): Promise<void> {
    write.isSettled = true;
    const request: KubeRequest = { ...write.parsed, status };
    if (status === 0 || status >= 500) await this.settleUnknown(write, request);
    else if (status >= 400) await this.refuse(write.preimages);
    const after = status > 0 && status < 400 ? await this.after(write, answer ?? Buffer.alloc(0)) : undefined;
    if (after) await this.settleDone(write, request, after);
    const asked = askedOf(write.body) ?? (isCreate(write.parsed) ? after : undefined);
    this.options.actions.answered(write.actionId, write.caller, request, asked);
  }

  private async settleDone(
    { parsed, preimages, actionId }: KeptWrite,
    request: KubeRequest,
    after: Record<string, unknown>,
  ): Promise<void> {
    const image = afterImage(parsed, after);
    const [kept] = preimages;
    if (isCreate(parsed)) request.name = image.name;
    else this.describe(request, kept?.before, after);
    await this.options.sink.preimages([kept ? { ...kept, ...image } : this.stamp(image, actionId)]);
  }

  /** The write may have been committed all the same: what is there now tells, or nothing does. */
  private async settleUnknown(write: KeptWrite, request: KubeRequest): Promise<void> {
    request.outcome = 'unknown';
    const undecided = await this.lookAgain(write, write.preimages, request);
    if (undecided.length === 0) return;
    for (const { kept } of undecided) this.undecided.set(kept, undefined);
    const later = async () => {
      await this.options.clock.sleep(lookAgainMs);
      const left = await this.lookAgain(write, undecided, request);
      for (const { kept } of undecided) this.undecided.delete(kept);
      const unread = new Set(left.filter(({ isRead }) => !isRead).map(({ kept }) => kept));
      await this.refuse(left.flatMap(({ kept }) => (unread.has(kept) ? [] : [kept])));
      if (unread.size === 0 && request.outcome === 'unknown') delete request.outcome;
      this.options.actions.tell(write.actionId);
    };
    // Until then, and where it cannot be read, the pre-image stands without its end: what differs later is put back.
    void later().catch(() => undefined);
  }

  /** Reads the objects of a write again; keeps those that changed as its work, gives those that have not (yet). */
  private async lookAgain(
    write: KeptWrite,
    undecided: readonly (Preimage | { kept: Preimage })[],
    request: KubeRequest,
  ): Promise<{ kept: Preimage; isRead: boolean }[]> {
    const left: { kept: Preimage; isRead: boolean }[] = [];
    for (const one of undecided) {
      const kept = 'kept' in one ? one.kept : one;
      try {
        // What the next write found tells of this one; what is there after it may be that one's work.
        const next = this.undecided.get(kept);
        const now = next ? next.found : await this.options.upstream.getJson(pathOf(write, kept));
        if (!isDone(kept, now)) left.push({ kept, isRead: true });
        else {
          request.outcome = 'changed';
          if (now && kept.verb !== 'delete') {
            if (kept.before) this.describe(request, kept.before, now);
            const image = afterImage({ ...write.parsed, name: kept.name }, now);
            await this.options.sink.preimages([{ ...kept, ...image, verb: kept.verb }]);
          }
        }
      } catch {
        left.push({ kept, isRead: false });
      }
    }
    return left;
  }

  private foundBy(next: Preimage): void {
    for (const [kept, known] of this.undecided)
      if (!known && isSameObject(kept, next)) this.undecided.set(kept, { found: next.before });
  }

  private describe(request: KubeRequest, before: unknown, after: unknown): void {
    request.paths = changedPaths(before, after);
    request.changes = valueChanges(request.resource, before, after);
  }

  /** Whatever differs later is not the responder's. */
  private async refuse(preimages: readonly Preimage[]): Promise<void> {
    if (preimages.length > 0)
      await this.options.sink.preimages(preimages.map((one) => ({ ...one, refused: true })));
  }

  /**
   * The object as the write left it: the answer itself; the object read again where the answer is that of a subresource
   * (scale), or the protobuf of something that was made.
   */
  private async after(write: KeptWrite, answer: Buffer): Promise<Record<string, unknown> | undefined> {
    const { parsed, path, preimages } = write;
    if (!['create', 'patch', 'update'].includes(parsed.verb)) return undefined;
    if (parsed.verb === 'create' && parsed.subresource) return undefined;
    if (parsed.subresource)
      return this.options.upstream.getJson(objectPath(parsed, path)).catch(() => undefined);
    const answered = answer.length <= keptAnswerBytes ? parseObject(answer) : undefined;
    const [announced] = preimages;
    if (answered || !announced || !isCreate(parsed)) return answered;
    return this.options.upstream.getJson(pathOf(write, announced)).catch(() => undefined);
  }

  private stamp(image: Image, actionId: string): Preimage {
    this.sequence += 1;
    return {
      sequence: this.sequence,
      actionId,
      at: this.options.clock.now(),
      who: this.options.who,
      ...image,
    };
  }
}

/** Evicting a pod is a create that deletes. */
function isCreate({ verb, subresource }: ParsedRequest): boolean {
  return verb === 'create' && subresource !== 'eviction';
}

function isSameObject(one: Preimage, other: Preimage): boolean {
  return (
    one.resource === other.resource &&
    one.namespace === other.namespace &&
    one.name === other.name &&
    groupOf(one.apiVersion) === groupOf(other.apiVersion)
  );
}

/** Where the object of a pre-image is: a create and a deletecollection are sent to the list it is in. */
function pathOf({ parsed, path }: SentWrite, { name }: Preimage): string {
  const own = objectPath(parsed, path);
  return parsed.name === undefined ? `${own}/${encodeURIComponent(name)}` : own;
}

/** Whether what is there now shows that the write was committed. */
function isDone(kept: Preimage, now: Record<string, unknown> | undefined): boolean {
  const { uid, deletionTimestamp } = (now?.metadata ?? {}) as { uid?: string; deletionTimestamp?: string };
  if (kept.before === undefined) return now !== undefined;
  const isOther = now === undefined || (kept.uid !== undefined && uid !== kept.uid);
  if (kept.verb === 'delete' || kept.verb === 'deletecollection')
    return isOther || deletionTimestamp !== undefined;
  return !isOther && changedPaths(kept.before, now).length > 0;
}

function askedOf(body: Buffer): Asked | undefined {
  if (body.length === 0 || body.length > keptAnswerBytes) return undefined;
  try {
    const parsed = JSON.parse(body.toString('utf8')) as unknown;
    return typeof parsed === 'object' && parsed !== null ? (parsed as Asked) : undefined;
  } catch {
    // YAML of a server-side apply, protobuf: what it changed tells.
    return undefined;
  }
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  const parsed = askedOf(body);
  return parsed && !Array.isArray(parsed) && 'metadata' in parsed ? parsed : undefined;
}
