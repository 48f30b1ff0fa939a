import type { Clock } from '../../clock.ts';
import type { Cluster, ClusterObject } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { mayPass } from '../../cluster/wait/persist.ts';
import { MisfortuneError } from '../../errors.ts';
import { mailboxName } from '../../fault/ledger/mailbox.ts';
import { type ResponderClient, responderClient } from '../api/client.ts';
import type { DeskAnswer, DeskRequest } from '../api/requests.ts';
import { manyListeners } from '../watch/poll.ts';
import {
  labelOf,
  largestLetter,
  letterObject,
  letterRef,
  type MailboxNotice,
  mailboxVersion,
  newLetterName,
  readLetter,
  readNotice,
} from './letter.ts';
import {
  conductorGone,
  cutTooLong,
  gameOver,
  mayNotJoin,
  noGame,
  otherVersion,
  tooLarge,
} from './refusals.ts';
import { type Keys, largestText, newKeys, type Seal, sealBetween } from './seal.ts';

export interface PostOptions {
  /** With the responder's own credentials. */
  cluster: Cluster;
  namespace: string;
  clock: Clock;
  /** How long the API server may be out of reach, ms. Default: a minute. */
  longestCut?: number;
  /**
   * How long a game that is within reach may say nothing, ms. Default 30 s, the silence after which the guardian takes
   * it for dead. A claim takes longer: then it is asked whether it is still there.
   */
  longestSilence?: number;
}

/** The way to a game on another machine, over the API server of the cluster that is played on. */
export interface Post {
  /**
   * Sends a request and waits for its answer. It is tried again, under the same name, until it gets through, and done
   * once. Throws MisfortuneError `cut-too-long`, `conductor-gone`, `game-over`, `too-large-to-send`, `may-not-join`.
   */
  send(request: DeskRequest): Promise<DeskAnswer>;
  /** Gives up what is under way. */
  close(): void;
}

/**
 * Between two looks for an answer, ms. It is there after two or three of them, but a claim takes its time and news may
 * never come: then a look comes when a tenth more of the time has gone by.
 */
const firstLook = 25;
const usualLook = 250;
const slowestLook = 1_000;

/** Finds the mailbox of the game on that cluster. @throws MisfortuneError `no-game`, `may-not-join`, `other-version` */
export async function findPost(options: PostOptions): Promise<Post> {
  const way = new Way(options);
  const mailbox = await way.readMailbox();
  if (!mailbox) throw noGame(options.namespace, options.cluster.context);
  if (mailbox.version !== mailboxVersion) throw otherVersion(mailbox.version);
  return new Sender(way, mailbox);
}

/** What is asked of the API server: again and again while it is not there. */
class Way {
  readonly clock: Clock;
  readonly namespace: string;
  readonly longestSilence: number;
  private readonly closing = manyListeners();

  constructor(private readonly options: PostOptions) {
    const { clock, namespace, longestSilence = 30_000 } = options;
    this.clock = clock;
    this.namespace = namespace;
    this.longestSilence = longestSilence;
  }

  async readMailbox(): Promise<MailboxNotice | undefined> {
    const object = await this.get(mailboxName);
    return object && readNotice(object);
  }

  get(name: string): Promise<ClusterObject | undefined> {
    const ref = letterRef(this.namespace, name);
    return this.reach((signal) => this.options.cluster.get(ref, signal));
  }

  async create(letter: ClusterObject): Promise<void> {
    await this.reach(async (signal) => {
      try {
        await this.options.cluster.create(letter, {}, signal);
      } catch (error) {
        // The answer to our own request was lost.
        if (!(error instanceof ClusterError) || error.code !== 'already-exists') throw error;
      }
    });
  }

  sleep(ms: number): Promise<void> {
    return this.clock.sleep(ms, this.closing.signal);
  }

  close(): void {
    this.closing.abort();
  }

  private async reach<T>(task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { longestCut = 60_000 } = this.options;
    const begun = this.clock.mono();
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await task(this.closing.signal);
      } catch (error) {
        if (error instanceof ClusterError && error.status === 403) throw mayNotJoin(this.namespace, error);
        if (!mayPass(error)) throw error;
        if (this.clock.mono() - begun >= longestCut) throw cutTooLong(longestCut, error);
        await this.sleep(pause);
      }
    }
  }
}

class Sender implements Post {
  private readonly keys: Keys = newKeys();
  private readonly seal: Seal;

  constructor(
    private readonly way: Way,
    private readonly mailbox: MailboxNotice,
  ) {
    this.seal = sealBetween(this.keys, { mailbox: mailbox.key, responder: this.keys.public });
  }

  async send(request: DeskRequest): Promise<DeskAnswer> {
    const letter = this.write(request);
    await this.post(letter);
    return await this.answerTo(
      letter.metadata.name,
      async (silent) => {
        // A claim takes its time: the game is asked whether it is still there.
        if (request.path === isThere.path) throw conductorGone(silent);
        await this.send(isThere);
      },
      () => this.post(letter),
    );
  }

  close(): void {
    this.way.close();
  }

  private write(request: DeskRequest): ClusterObject {
    const name = newLetterName();
    const text = JSON.stringify(request);
    const closed = this.seal.close(text, labelOf.request(name));
    if (closed.length > largestLetter || Buffer.byteLength(text) > largestText) throw tooLarge(closed.length);
    const from = this.keys.public;
    return letterObject(this.way.namespace, this.mailbox.id, { name, from, request: closed });
  }

  private async post(letter: ClusterObject): Promise<void> {
    // Nobody would take a letter away that comes after the end.
    if ((await this.way.readMailbox())?.id !== this.mailbox.id) throw gameOver();
    await this.way.create(letter);
  }

  private async answerTo(
    name: string,
    onSilence: (ms: number) => Promise<void>,
    onMissing: () => Promise<void>,
  ): Promise<DeskAnswer> {
    const { clock, longestSilence } = this.way;
    const posted = clock.mono();
    let heard = posted;
    for (let pause = firstLook; ; pause = nextLook(pause, clock.mono() - posted)) {
      await this.way.sleep(pause);
      const looked = clock.mono();
      const object = await this.way.get(name);
      const answer = object && readLetter(object)?.answer;
      if (answer) return JSON.parse(this.seal.open(answer, labelOf.answer(name))) as DeskAnswer;
      if (!object) await onMissing();
      // What cut this machine off may have cut the other one off as well.
      if (clock.mono() - looked > longestSilence / 10) heard = clock.mono();
      if (clock.mono() - heard < longestSilence) continue;
      await onSilence(longestSilence);
      heard = clock.mono();
    }
  }
}

const isThere: DeskRequest = { method: 'GET', path: '/game' };

/** The requests of a responder over a mailbox: what is too large for one letter goes in several. */
export function postClient(post: Post): ResponderClient {
  const client = responderClient((request) => post.send(request));
  return {
    ...client,
    actions: (actions) => inParts(actions, client.actions),
    preimages: (preimages) => inParts(preimages, client.preimages),
  };
}

function nextLook(pause: number, waited: number): number {
  return Math.min(pause * 1.5, slowestLook, Math.max(usualLook, waited / 10));
}

async function inParts<T>(items: T[], send: (items: T[]) => Promise<void>): Promise<void> {
  try {
    await send(items);
  } catch (error) {
    const isTooLarge = error instanceof MisfortuneError && error.code === 'too-large-to-send';
    if (!isTooLarge || items.length < 2) throw error;
    const half = Math.ceil(items.length / 2);
    await inParts(items.slice(0, half), send);
    await inParts(items.slice(half), send);
  }
}
