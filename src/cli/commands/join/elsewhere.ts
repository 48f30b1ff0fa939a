import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../../../clock.ts';
import { connect } from '../../../cluster/connection/connect.ts';
import { chooseCluster } from '../../../config/choose.ts';
import { loadConfig } from '../../../config/load.ts';
import { MisfortuneError } from '../../../errors.ts';
import type { ResponderClient } from '../../../game/api/client.ts';
import { relayVariable } from '../../../game/api/current.ts';
import type { GameInfo } from '../../../game/api/protocol.ts';
import { infoFromElsewhere } from '../../../game/mailbox/access.ts';
import { findPost, postClient } from '../../../game/mailbox/client.ts';
import { relayGame } from '../../../game/mailbox/relay.ts';
import type { PlaceOptions } from '../../../game/start/place.ts';
import { initialState } from '../../../log/state.ts';
import { eventLines } from '../../../tui/event-lines.ts';
import type { JoinedGame } from './joined-game.ts';

export interface ElsewhereOptions extends PlaceOptions {
  context?: string;
  kubeconfig?: string;
  namespace?: string;
}

/**
 * A game on another machine, over the API server of the cluster that is played on, with the responder's own credentials.
 * `folder` is private: where the commands of the shell learn of it. @throws as `connect` and `findPost`
 */
export async function joinElsewhere(options: ElsewhereOptions, folder: string): Promise<JoinedGame> {
  const { context, kubeconfig, namespace, config } = await wayTo(options);
  const cluster = await connect({ kubeconfig, context });
  try {
    const post = await findPost({ cluster, namespace, clock: realClock });
    const client = postClient(post);
    const told = await client.game();
    const relay = await relayGame(told.game, post);
    const file = join(folder, 'game.json');
    writeFileSync(file, JSON.stringify(relay.address), { mode: 0o600 });
    return {
      client,
      info: { ...infoFromElsewhere(told, cluster), ...(config && { config }) },
      kubeconfig,
      isElsewhere: true,
      env: { [relayVariable]: file },
      follow: (signal) => tellNews(client, signal),
      async close() {
        await relay.close();
        post.close();
        cluster.close();
      },
    };
  } catch (error) {
    cluster.close();
    throw error;
  }
}

/** Who is on another machine does not see the game's screen: pages, the game master and the end are told in the shell. */
async function tellNews(client: ResponderClient, signal: AbortSignal): Promise<void> {
  for (let since = 0; !signal.aborted; ) {
    try {
      const { events, next } = await client.news(since);
      since = next;
      for (const event of events) if (!signal.aborted) tell(eventLines(event, initialState).join('\n'));
    } catch (error) {
      if (error instanceof MisfortuneError && error.code === 'game-over') return;
      await realClock.sleep(newsAgainAfter, signal).catch(() => undefined);
    }
  }
}

/** Beside what the person is typing. */
function tell(line: string): void {
  process.stderr.write(process.stderr.isTTY ? `\r\n[game] ${line}\r\n` : `[game] ${line}\n`);
}

/** After a failure, ms. */
const newsAgainAfter = 5_000;

interface WayTo {
  context?: string;
  kubeconfig?: string;
  namespace: string;
  /** For headers and token files of the monitoring. */
  config?: GameInfo['config'];
}

/** As the responder's own misfortune.yaml has it, or as it is said. */
async function wayTo({ cluster, config, ...said }: ElsewhereOptions): Promise<WayTo> {
  const { context, kubeconfig, namespace } = said;
  if (cluster === undefined) return { context, kubeconfig, namespace: namespace ?? 'maintenance' };
  const loaded = await loadConfig({ file: config });
  const chosen = chooseCluster(loaded, cluster);
  return {
    context: chosen.context,
    kubeconfig: chosen.kubeconfig,
    namespace: namespace ?? chosen.guardian.namespace,
    ...(loaded.file !== undefined && { config: { file: loaded.file, cluster } }),
  };
}
