import { type Documents, enter, type Play } from '../play.ts';
import { copyMonitoring } from '../recording/folder-copies.ts';
import { liveSignals } from '../watch/live-signals.ts';

/** Creates the game in the log and waits for the game master's go. */
export async function brief(
  play: Play,
  { scenario, playbook }: Documents,
  started: Promise<void>,
): Promise<void> {
  const { setup, folder, log, signal } = play;
  const { rules, dashboards } = await copyMonitoring(play, scenario);
  log.append({
    type: 'game-created',
    game: folder.id,
    scenario: scenario.name,
    title: scenario.title,
    difficulty: scenario.difficulty,
    briefing: scenario.briefing,
    owner: scenario.owner,
    playbook: playbook.name,
    timeout: Math.round(scenario.timeout / 1000),
    hints: scenario.hints.length,
    sandbox: setup.sandboxMarker !== undefined,
    cluster: setup.cluster.context,
    speed: setup.speed,
    seed: setup.seed,
    player: setup.player,
    version: setup.version,
    signals: liveSignals(scenario, rules?.recording ?? []),
    dashboards: dashboards.map(({ uid, title }) => ({ uid, title })),
    ...(setup.links && { links: setup.links }),
  });
  enter(play, 'draw');
  enter(play, 'brief');
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  signal.throwIfAborted();
  await Promise.race([started, aborted]);
}
