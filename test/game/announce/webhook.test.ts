import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeError, MisfortuneError } from '../../../src/errors.ts';
import { sendToWebhook } from '../../../src/game/announce/webhook.ts';
import { startChannel, type TestChannel } from './channel.ts';

let channel: TestChannel;
beforeEach(async () => {
  channel = await startChannel();
});
afterEach(() => channel.close());

const template = { text: '${text}' };
const send = (webhook: { url?: string; urlFile?: string }, within?: number) =>
  sendToWebhook({ webhook, template, cluster: 'staging' }, 'hello', within ? { within } : {});

/** The error of an attempt; nothing in it gives the URL away. */
async function failure(webhook: { url?: string; urlFile?: string }, within?: number): Promise<string> {
  const error = await send(webhook, within).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MisfortuneError);
  expect(error).toMatchObject({ code: 'not-announced' });
  const all = `${describeError(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
  expect(all).not.toMatch(/SECRET|hidden-token/);
  return (error as Error).message;
}

it('takes the URL from a file, as it is at that moment', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'channel-'));
  const urlFile = join(folder, 'webhook');
  expect(await failure({ urlFile })).toBe(
    `The file ${urlFile} with the URL of the webhook cannot be read: ENOENT.`,
  );
  writeFileSync(urlFile, 'T0SECRET and no URL');
  expect(await failure({ urlFile })).toContain('to hold the http(s) URL');
  writeFileSync(urlFile, `${channel.url}\n`);
  expect(await send({ urlFile })).toBe(channel.host);
  expect(channel.received).toEqual([{ text: 'hello' }]);
  rmSync(folder, { recursive: true });
});

it('fills any JSON that the chat wants', async () => {
  const card = { type: 'card', blocks: [{ title: 'On ${cluster}', body: '${text}' }], quiet: true };
  await sendToWebhook({ webhook: { url: channel.url }, template: card, cluster: 'staging' }, 'say "it"\n');
  expect(channel.received).toEqual([
    { type: 'card', blocks: [{ title: 'On staging', body: 'say "it"\n' }], quiet: true },
  ]);
});

it('does not follow a redirect, wherever it leads', async () => {
  const other = await startChannel();
  channel.answer((_, response) => void response.writeHead(307, { location: other.url }).end());
  expect(await failure({ url: channel.url })).toBe(
    `The webhook at ${channel.host} answered 307: it redirects, which is not followed.`,
  );
  expect(other.received).toEqual([]);
  expect(channel.received).toHaveLength(1);
  await other.close();
});

it('tries once more what may pass, and not what will not', async () => {
  let times = 0;
  channel.answer((_, response) => {
    times += 1;
    response.writeHead(times === 1 ? 503 : 200).end(channel.url);
  });
  expect(await send({ url: channel.url })).toBe(channel.host);
  expect(times).toBe(2);
  channel.answer((_, response) => {
    times += 1;
    response.writeHead(404).end('no_service');
  });
  expect(await failure({ url: channel.url })).toBe(`The webhook at ${channel.host} answered 404.`);
  expect(times).toBe(3);
});

it('waits for an answer as long as it was told, and says who gives none', async () => {
  channel.answer(() => undefined);
  expect(await failure({ url: channel.url }, 100)).toBe(
    `The webhook at ${channel.host} gave no answer within 0.1 s.`,
  );
  const { url, host } = channel;
  await channel.close();
  expect(await failure({ url })).toBe(`The webhook at ${host} did not answer: ECONNREFUSED.`);
});

it('ends with its signal', async () => {
  channel.answer(() => undefined);
  const stop = new AbortController();
  const sending = sendToWebhook({ webhook: { url: channel.url }, template, cluster: 'x' }, 'hello', stop);
  setImmediate(() => stop.abort(new Error('cancelled')));
  await expect(sending).rejects.toThrow('cancelled');
});
