import { realClock } from '../../clock.ts';
import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { beginning, whoRuns } from '../../game/announce/message.ts';
import { sendToWebhook, webhookHost } from '../../game/announce/webhook.ts';
import type { PlaceOptions } from '../../game/start/place.ts';
import { print } from '../output.ts';

/**
 * Says in a cluster's channel what a game would say before it begins, with the longest time that one may take.
 * @throws MisfortuneError `no-cluster`, `no-channel`, `not-announced`
 */
export async function announce(options: PlaceOptions & { dryRun?: boolean; json?: boolean }): Promise<void> {
  const { cluster, config: file } = options;
  if (cluster === undefined)
    throw new MisfortuneError('no-cluster', 'Expected --cluster NAME, a cluster of misfortune.yaml.', {
      todo: 'The sandbox is not shared with anybody, so it has no channel.',
      exitCode: exitCodes.usage,
    });
  const { announce: told, namespaces, limits } = chooseCluster(await loadConfig({ file }), cluster);
  if (!told)
    throw new MisfortuneError('no-channel', `The cluster ${cluster} has no channel.`, {
      todo: `Add to it in misfortune.yaml: announce: { webhook: { urlFile: ~/.config/misfortune/webhook } }`,
      exitCode: exitCodes.usage,
    });
  const channel = { ...told, cluster };
  const until = realClock.now() + limits.minutes * 60_000;
  const text = beginning({ cluster, namespaces, until, by: whoRuns() });
  const host = options.dryRun ? await webhookHost(channel) : await sendToWebhook(channel, text);
  print({ text, host, sent: !options.dryRun }, options, () => [
    text,
    '',
    options.dryRun ? `Not sent. It would go to ${host}.` : `Sent to ${host}.`,
  ]);
}
