import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { realClock } from '../clock.ts';
import type { GameMaster, StartedGame } from '../game/game-master.ts';
import { findGameFolder } from '../log/folder.ts';
import { pastGames } from '../log/past-games.ts';
import { packageRoot, stateHome } from '../paths.ts';
import type { Backend, PastGame, RunningGame } from '../tui/backend.ts';
import { playbookLines } from '../tui/playbook-lines.ts';
import { watchedDashboard } from './watched-dashboard.ts';

/** A session of the game master as screens and plain lines ask for it. */
export function backendOf(master: GameMaster): Backend {
  const home = stateHome();
  const { player } = master.options;
  return {
    start: (onStep, signal) => master.start(onStep, signal),
    cluster: (signal) => master.cluster(signal),
    wheel: () => master.wheel(),
    draw: () => master.draw(),
    unrestored: () => master.unrestored(),
    recover: (onLine) => master.recover(onLine),
    play: async (entry, signal) => running(await master.play(entry, signal), player),
    pastGames: () => playedBefore(home),
    async debrief(game, width) {
      const { debriefOf } = await import('./debrief.ts');
      return debriefOf(findGameFolder(home, game), width);
    },
    async report(game) {
      const { writeReports } = await import('../report/write.ts');
      return writeReports(findGameFolder(home, game));
    },
    now: () => realClock.now(),
  };
}

/** Dashboards and playbooks go through the recorder, so that opening one counts as seen. */
function running({ address, playbook, master, responder, ended }: StartedGame, player: string): RunningGame {
  let dashboards: ReturnType<typeof watchedDashboard> | undefined;
  return {
    address,
    playbook,
    info: () => responder.game(),
    async follow(listener, signal) {
      for await (const event of master.events({ signal })) listener(event);
    },
    declare: (declaration) => master.declare(declaration),
    origins: (prefix) => responder.origins(prefix),
    async dashboard(uid, width) {
      dashboards ??= watchedDashboard(responder, player);
      return (await dashboards).draw(uid, width);
    },
    readPlaybook: async (name, width) => playbookLines(await responder.playbook(name, player), width),
    shell: () => runShell(player),
    async ended() {
      const exitCode = await ended();
      await (await dashboards?.catch(() => undefined))?.close();
      return exitCode;
    },
  };
}

function playedBefore(home: string): PastGame[] {
  return pastGames(home)
    .games.map(({ id, title, scenario, at, ending, lengthMs, played, restored }) => ({
      ...{ id, title, scenario, at, length: lengthMs },
      ending: ending ?? 'unfinished',
      restored: restored || !played,
    }))
    .reverse();
}

/** `misfortune join` in this terminal. */
function runShell(who: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(packageRoot, 'src/launch.mjs'), 'join', '--as', who], {
      stdio: 'inherit',
    });
    child.on('error', reject);
    child.on('exit', () => resolve());
  });
}
