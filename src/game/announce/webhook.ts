import { readFile } from 'node:fs/promises';
import { request } from 'undici';
import { realClock } from '../../clock.ts';
import type { Announce } from '../../config/announce.ts';
import { substitute } from '../../document/substitute.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';

/** ms; what a person at a prompt waits for. */
const answerWithin = 5_000;
/** A second attempt, ms later: a message that arrives twice does no harm. */
const retryAfter = 1_000;

/** Where a cluster's people are told, and what they call the cluster. */
export type Channel = Announce & { cluster: string };

export interface SendOptions {
  signal?: AbortSignal;
  /** ms for one attempt. */
  within?: number;
}

/**
 * Says a text in a channel, and gives the host that took it. Redirects are not followed: a message goes to where the
 * file says and nowhere else. The URL is in no error, only its host.
 * @throws MisfortuneError `not-announced`
 */
export async function sendToWebhook(
  { webhook, template, cluster }: Channel,
  text: string,
  { signal, within = answerWithin }: SendOptions = {},
): Promise<string> {
  const url = await urlOf(webhook);
  const body = JSON.stringify(substitute(template, { text, cluster }).value);
  for (let attempt = 1; ; attempt += 1) {
    const failure = await attemptAt(url, body, within, signal);
    signal?.throwIfAborted();
    if (!failure) return url.host;
    if (attempt === 2 || !failure.passes) throw notAnnounced(`The webhook at ${url.host} ${failure.what}.`);
    await realClock.sleep(retryAfter, signal);
  }
}

/** The host of the webhook, for those who want to know where it would go. @throws MisfortuneError `not-announced` */
export async function webhookHost({ webhook }: Channel): Promise<string> {
  return (await urlOf(webhook)).host;
}

/** What went wrong, in words without the URL; `passes`: it may be over in a moment. */
interface Failure {
  what: string;
  passes: boolean;
}

async function attemptAt(
  url: URL,
  body: string,
  within: number,
  signal: AbortSignal | undefined,
): Promise<Failure | undefined> {
  const deadline = AbortSignal.timeout(within);
  try {
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    await answer.body.dump();
    const { statusCode } = answer;
    if (statusCode >= 200 && statusCode < 300) return undefined;
    if (statusCode >= 300 && statusCode < 400)
      return { what: `answered ${statusCode}: it redirects, which is not followed`, passes: false };
    return { what: `answered ${statusCode}`, passes: statusCode >= 500 || statusCode === 429 };
  } catch (error) {
    if (deadline.aborted) return { what: `gave no answer within ${within / 1000} s`, passes: true };
    // The message of an error may quote what was asked for; its code does not.
    const { code = 'no connection' } = error as NodeJS.ErrnoException;
    return { what: `did not answer: ${code}`, passes: true };
  }
}

async function urlOf({ url, urlFile }: Announce['webhook']): Promise<URL> {
  if (url !== undefined) return new URL(url);
  const text = await readFile(urlFile ?? '', 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw notAnnounced(`The file ${urlFile} with the URL of the webhook cannot be read: ${error.code}.`);
  });
  const found = text.trim();
  if (URL.canParse(found) && /^https?:$/.test(new URL(found).protocol)) return new URL(found);
  throw notAnnounced(`Expected the file ${urlFile} to hold the http(s) URL of a webhook and nothing else.`);
}

function notAnnounced(message: string): MisfortuneError {
  return new MisfortuneError('not-announced', message, {
    todo: 'See announce in misfortune.yaml; `misfortune announce` tries it. Without it: `misfortune play --no-announce`.',
    exitCode: exitCodes.unavailable,
  });
}
