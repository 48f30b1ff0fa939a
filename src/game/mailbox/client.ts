import type { Clock } from '../../clock.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { ClusterError } from '../../cluster/cluster-error.ts';
import { MisfortuneError } from '../../errors.ts';
import { mailboxName } from '../../fault/mailbox.ts';
import { mayPass } from '../../fault/persist.ts';
import { type ResponderClient, responderClient } from '../client.ts';
import type { DeskAnswer, DeskRequest } from '../requests.ts';
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
import { largestText, newKeys, sealBetween } from './seal.ts';

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
  send(request: DeskRequest, signal?: AbortSignal): Promise<DeskAnswer>;
}

/** Between two looks for an answer, ms: it is there after two or three of them, but a claim takes its time. */
const firstLook = 25;
const slowestLook = 250;

/** Finds the mailbox of the game on that cluster. @throws MisfortuneError `no-game`, `may-not-join`, `other-version` */
export async function findPost(options: PostOptions): Promise<Post> {
  const { cluster, namespace, clock, longestCut = 60_000, longestSilence = 30_000 } = options;
  const readMailbox = async (signal?: AbortSignal): Promise<MailboxNotice | undefined> => {
    const object = await cluster.get(letterRef(namespace, mailboxName), signal);
    return object && readNotice(object);
  };
  /** Tries again while the API server is not there. */
  const reach = async <T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> => {
    const begun = clock.mono();
    for (let pause = 100; ; pause = Math.min(pause * 2, 2_000)) {
      try {
        return await task();
      } catch (error) {
        if (error instanceof ClusterError && error.status === 403) throw mayNotJoin(namespace, error);
        if (!mayPass(error)) throw error;
        if (clock.mono() - begun >= longestCut) throw cutTooLong(longestCut, error);
        await clock.sleep(pause, signal);
      }
    }
  };
  const mailbox = await reach(() => readMailbox());
  if (!mailbox) throw noGame(namespace, cluster.context);
  if (mailbox.version !== mailboxVersion) throw otherVersion(mailbox.version);
  const keys = newKeys();
  const seal = sealBetween(keys, { mailbox: mailbox.key, responder: keys.public });

  const assertOpen = async (signal?: AbortSignal): Promise<void> => {
    const now = await reach(() => readMailbox(signal), signal);
    if (now?.id !== mailbox.id) throw gameOver();
  };

  const send = async (request: DeskRequest, isProbe: boolean, signal?: AbortSignal): Promise<DeskAnswer> => {
    const name = newLetterName();
    const text = JSON.stringify(request);
    const closed = seal.close(text, labelOf.request(name));
    if (closed.length > largestLetter || Buffer.byteLength(text) > largestText) throw tooLarge(closed.length);
    const letter = letterObject(namespace, mailbox.id, { name, from: keys.public, request: closed });
    const post = () =>
      reach(async () => {
        try {
          await cluster.create(letter, {}, signal);
        } catch (error) {
          // The answer to our own request was lost.
          if (!(error instanceof ClusterError) || error.code !== 'already-exists') throw error;
        }
      }, signal);
    // Nobody would take a letter away that comes after the end.
    await assertOpen(signal);
    await post();
    let heard = clock.mono();
    for (let pause = firstLook; ; pause = Math.min(pause * 1.5, slowestLook)) {
      await clock.sleep(pause, signal);
      const looked = clock.mono();
      const object = await reach(() => cluster.get(letterRef(namespace, name), signal), signal);
      const answer = object && readLetter(object)?.answer;
      if (answer) return JSON.parse(seal.open(answer, labelOf.answer(name))) as DeskAnswer;
      if (!object) {
        await assertOpen(signal);
        await post();
      }
      // What cut this machine off may have cut the other one off as well.
      if (clock.mono() - looked > longestSilence / 10) heard = clock.mono();
      if (clock.mono() - heard < longestSilence) continue;
      if (isProbe) throw conductorGone(longestSilence);
      await send({ method: 'GET', path: '/game' }, true, signal);
      heard = clock.mono();
    }
  };
  return { send: (request, signal) => send(request, request.path === '/game', signal) };
}

/** The requests of a responder over a mailbox: what is too large for one letter goes in several. */
export function postClient(post: Post): ResponderClient {
  const client = responderClient((request) => post.send(request));
  return {
    ...client,
    actions: (actions) => inParts(actions, client.actions),
    preimages: (preimages) => inParts(preimages, client.preimages),
  };
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
