import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock } from '../clock.ts';
import { connect } from '../cluster/connect.ts';
import { relayVariable } from '../game/current.ts';
import { infoFromElsewhere } from '../game/mailbox/access.ts';
import { findPost, postClient } from '../game/mailbox/client.ts';
import { relayGame } from '../game/mailbox/relay.ts';
import type { JoinedGame } from './join.ts';

export interface ElsewhereOptions {
  context?: string;
  kubeconfig?: string;
  namespace?: string;
}

/**
 * A game on another machine, over the API server of the cluster that is played on, with the responder's own credentials.
 * `folder` is private: where the commands of the shell learn of it. @throws as `connect` and `findPost`
 */
export async function joinElsewhere(options: ElsewhereOptions, folder: string): Promise<JoinedGame> {
  const { context, kubeconfig, namespace = 'maintenance' } = options;
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
      info: infoFromElsewhere(told, cluster),
      kubeconfig,
      isElsewhere: true,
      env: { [relayVariable]: file },
      async close() {
        await relay.close();
        cluster.close();
      },
    };
  } catch (error) {
    cluster.close();
    throw error;
  }
}
