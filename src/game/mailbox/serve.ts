import { randomBytes } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { leaseHolder } from '../../cluster/access/lease.ts';
import { missingPermissions, resolvePermissions } from '../../cluster/access/permissions.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { mayPass, persist } from '../../cluster/wait/persist.ts';
import { mailboxName, mailboxNeeds, mailboxSelector, removeMailbox } from '../../fault/ledger/mailbox.ts';
import { assertPassed } from '../../fault/plan/preflight.ts';
import { type DeskAnswer, type DeskRequest, Refusal, refusalOf } from '../api/requests.ts';
import { type Health, manyListeners, poll } from '../watch/poll.ts';
import {
  answerPatch,
  type Letter,
  labelOf,
  largestLetter,
  letterRef,
  type MailboxNotice,
  mailboxVersion,
  noticeObject,
  readLetter,
  readNotice,
} from './letter.ts';
import { type Keys, newKeys, type Seal, sealBetween } from './seal.ts';

/** The door of a game to responders on other machines. */
export interface Mailbox {
  /** With the Lease in hand: this game's mailbox takes the place of whatever another one left. Throws ClusterError. */
  takeOver(signal?: AbortSignal): Promise<void>;
  /** Takes the mailbox and every letter away. What does not go is told to `health`. */
  close(): Promise<void>;
}

export interface MailboxOptions {
  cluster: Cluster;
  namespace: string;
  clock: Clock;
  health: Health;
  answer(request: DeskRequest): Promise<DeskAnswer>;
}

/** How often letters are looked for that the watch did not tell of (a connection may be half open), real ms. */
const sweepEvery = 5_000;
/** How long an answer lies there: longer than a responder asks for it. */
const keptFor = 180_000;
const answerTooLarge = new Refusal(
  413,
  'answer-too-large',
  'The answer does not fit into a ConfigMap: ask for less.',
);

/** Between the last answer and the end of the mailbox: whoever waits for it looks once a second at least. */
const readWithin = 1_250;

/**
 * Opens the mailbox of a game. Each letter is answered exactly once, however often it is told of; the answer is
 * written until it is there. @throws MisfortuneError `missing-permission`, `no-maintenance-namespace`; ClusterError
 */
export async function openMailbox(options: MailboxOptions, signal?: AbortSignal): Promise<Mailbox> {
  const { cluster, namespace } = options;
  const needed = await resolvePermissions(mailboxNeeds(namespace), cluster);
  assertPassed({ refusals: await missingPermissions(needed, cluster, signal), warnings: [] });
  const mailbox = new Served(options);
  await mailbox.open(signal);
  return mailbox;
}

interface Known {
  /** Undefined: not answered yet, or it cannot be. */
  answer?: Buffer;
  /** Mono ms since when it need not be kept any longer than `keptFor`. */
  since: number;
  writing: boolean;
}

class Served implements Mailbox {
  private readonly keys: Keys = newKeys();
  private readonly notice: MailboxNotice;
  private readonly seals = new Map<string, Seal>();
  private readonly letters = new Map<string, Known>();
  private readonly closing = manyListeners();
  private answeredAt = Number.NEGATIVE_INFINITY;
  private serving: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: MailboxOptions) {
    const id = randomBytes(8).toString('hex');
    this.notice = { id, version: mailboxVersion, key: this.keys.public };
  }

  async open(signal?: AbortSignal): Promise<void> {
    const { cluster, clock } = this.options;
    // A mailbox that is there is either that of the game which has the Lease, or nobody's.
    const isTaken = (await this.read(signal)) !== undefined && (await leaseHolder(cluster, signal));
    if (!isTaken) await this.put(signal);
    const { signal: closing } = this.closing;
    this.serving = Promise.all([this.follow(), poll(clock, sweepEvery, closing, () => this.sweep())]);
  }

  async takeOver(signal?: AbortSignal): Promise<void> {
    const { cluster, namespace } = this.options;
    if ((await this.read(signal))?.id !== this.notice.id) await this.put(signal);
    await removeMailbox(cluster, { namespace, except: this.notice.id }, signal);
  }

  async close(): Promise<void> {
    const { cluster, namespace, clock, health } = this.options;
    const { id } = this.notice;
    await clock.sleep(Math.max(0, this.answeredAt + readWithin - clock.mono()));
    this.closing.abort();
    await this.serving;
    await health.watch('mailbox', new AbortController().signal, () =>
      persist({ clock }, async () => {
        await removeMailbox(cluster, { namespace, id });
        return true;
      }),
    );
  }

  private async read(signal?: AbortSignal): Promise<MailboxNotice | undefined> {
    const { cluster, namespace } = this.options;
    const object = await cluster.get(letterRef(namespace, mailboxName), signal);
    return object && readNotice(object);
  }

  /** In the place of any other. */
  private async put(signal?: AbortSignal): Promise<void> {
    const { cluster, namespace, clock } = this.options;
    const object = noticeObject(namespace, this.notice);
    await persist({ clock, ...(signal && { signal }) }, async () => {
      try {
        return await cluster.create(object, {}, signal);
      } catch (error) {
        if (!(error instanceof ClusterError) || error.code !== 'already-exists') throw error;
        return await cluster.replace(object, {}, signal);
      }
    });
  }

  private async follow(): Promise<void> {
    const { cluster, namespace, clock, health } = this.options;
    const { signal } = this.closing;
    const labelSelector = mailboxSelector(this.notice.id);
    await poll(clock, sweepEvery, signal, async () => {
      await health.watch('mailbox', signal, () =>
        cluster.watch(
          { kind: 'configmap' },
          { namespace, labelSelector },
          ({ type, object }) => void (type !== 'DELETED' && this.see(object)),
          signal,
        ),
      );
    });
  }

  private async sweep(): Promise<void> {
    const { cluster, namespace, clock, health } = this.options;
    const { signal } = this.closing;
    const labelSelector = mailboxSelector(this.notice.id);
    await health.watch('mailbox', signal, async () => {
      for (const object of await cluster.list({ kind: 'configmap' }, { namespace, labelSelector }, signal)) {
        const { name, uid } = object.metadata;
        const known = this.letters.get(name);
        if (known && !known.writing && clock.mono() - known.since > keptFor)
          await cluster.delete(letterRef(namespace, name), { uid }, signal);
        else this.see(object);
      }
    });
  }

  private see(object: ClusterObject): void {
    const letter = readLetter(object);
    if (!letter || letter.answer) return;
    const known = this.letters.get(letter.name);
    if (!known) void this.take(letter);
    // It was written again after it had been answered, or the answer did not get there.
    else if (known.answer && !known.writing) void this.write(letter.name, known, known.answer);
  }

  private async take(letter: Letter): Promise<void> {
    const { clock, answer } = this.options;
    const known: Known = { since: clock.mono(), writing: true };
    this.letters.set(letter.name, known);
    const opened = this.openLetter(letter);
    if (opened) {
      const close = (said: DeskAnswer) =>
        opened.seal.close(JSON.stringify(said), labelOf.answer(letter.name));
      const closed = close(await answer(opened.request));
      known.answer = closed.length > largestLetter ? close(refusalOf(answerTooLarge)) : closed;
      await this.write(letter.name, known, known.answer);
    }
    known.writing = false;
  }

  /** undefined: it is not for this mailbox, or nobody's; it is thrown away when its time is over. */
  private openLetter({ name, from, request }: Letter): { request: DeskRequest; seal: Seal } | undefined {
    try {
      const seal =
        this.seals.get(from) ?? sealBetween(this.keys, { mailbox: this.notice.key, responder: from });
      if (!request) return undefined;
      const opened = JSON.parse(seal.open(request, labelOf.request(name))) as DeskRequest;
      this.seals.set(from, seal);
      return { request: opened, seal };
    } catch {
      return undefined;
    }
  }

  /** Until it is there, however long the API server does not answer. */
  private async write(name: string, known: Known, answer: Buffer): Promise<void> {
    const { cluster, namespace, clock, health } = this.options;
    const { signal } = this.closing;
    known.writing = true;
    for (let pause = 100; !signal.aborted; pause = Math.min(pause * 2, 2_000)) {
      try {
        await cluster.patch(letterRef(namespace, name), 'merge', answerPatch(answer), {}, signal);
        this.answeredAt = clock.mono();
        break;
      } catch (error) {
        // Nobody waits for it any more.
        if (error instanceof ClusterError && error.status === 404) break;
        if (!mayPass(error)) {
          if (!signal.aborted) health.failed('mailbox', (error as Error).message);
          break;
        }
        await clock.sleep(pause, signal).catch(() => undefined);
      }
    }
    known.since = clock.mono();
    known.writing = false;
  }
}
