import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { realClock, seededRandom } from '../clock.ts';
import { chooseCluster } from '../config/choose.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import { connectConductor } from '../game/client.ts';
import { openDocument, readPlaybook, readScenario } from '../game/documents.ts';
import type { GameOptions } from '../game/options.ts';
import { findSandbox, type SandboxAccess, startSandbox, stopSandbox } from '../game/sandbox-link.ts';
import { startConductor } from '../game/start-conductor.ts';
import { findUnrestored } from '../game/unrestored.ts';
import { spinWheel, type WheelEntry, weighWheel } from '../game/wheel.ts';
import { plural } from '../grade/words.ts';
import { findGameFolder } from '../log/folder.ts';
import { pastGames } from '../log/past-games.ts';
import { packageRoot, stateHome } from '../paths.ts';
import { findPlaybook, findScenario } from '../scenario/library.ts';
import { connectPrometheus } from '../signal/prometheus.ts';
import type { Backend, ClusterLine, Debrief, PastGame, RunningGame, StartStep } from '../tui/backend.ts';
import { playbookLines } from '../tui/playbook-lines.ts';
import { type LoadedLibrary, loadLibrary } from './library.ts';
import { isSandbox, type PlaceOptions, placeOf } from './place.ts';
import { recoverGame } from './recover.ts';
import { watchedDashboard } from './watched-dashboard.ts';

export interface GameMasterOptions {
  place: PlaceOptions;
  player: string;
  tags: string[];
  seed: number;
  speed: number;
  /** Sandbox only: no guardian is brought along. */
  unguarded?: boolean;
  /** false: the cluster's channel is not told. */
  announce?: boolean;
  /** Responders on other machines can take part. */
  open?: boolean;
  keep: boolean;
  /** Override those of the scenario that is drawn. */
  params?: Record<string, unknown>;
  /** The only scenario on the wheel. */
  only?: string;
}

/** What the screens and the plain lines are made over: cluster, wheel, games. */
export class GameMaster implements Backend {
  private readonly home = stateHome();
  private readonly random;
  private loaded: LoadedLibrary | undefined;
  private place: SandboxAccess | ClusterLine | undefined;
  private started: SandboxAccess | undefined;
  private unrestoredGames: string[] = [];
  private words: string[] = [];

  constructor(private readonly options: GameMasterOptions) {
    this.random = seededRandom(options.seed);
  }

  async start(onStep: (step: StartStep) => void, signal: AbortSignal): Promise<ClusterLine> {
    const loaded = await loadLibrary(this.options.place);
    this.loaded = loaded;
    if (this.options.only !== undefined) findScenario(loaded.library, this.options.only);
    const place = placeOf(this.options.place, loaded.config);
    if (!isSandbox(place)) {
      const { context } = chooseCluster(loaded.config, this.options.place.cluster ?? '');
      this.unrestoredGames = (await findUnrestored(this.home)).map(({ id }) => id);
      this.place = { name: context, healthy: true, text: plural(this.wheel().length, 'scenario') };
      return await this.cluster(signal);
    }
    const running = findSandbox({ stateHome: this.home });
    const access = await startSandbox({
      stateHome: this.home,
      speed: this.options.speed,
      onProgress: onStep,
      signal,
    });
    if (!running) this.started = access;
    this.unrestoredGames = (await findUnrestored(this.home)).map(({ id }) => id);
    this.place = access;
    return this.cluster(signal);
  }

  async cluster(signal: AbortSignal): Promise<ClusterLine> {
    const { place } = this;
    if (!place) throw new Error('the cluster was not started');
    const line = 'markerUid' in place ? await sandboxLine(place, signal) : place;
    return this.options.open ? { ...line, text: `${line.text} · open to other machines` } : line;
  }

  /** Takes a library that was read already. */
  adopt(loaded: LoadedLibrary): void {
    this.loaded = loaded;
  }

  wheel(): WheelEntry[] {
    const { only, player, tags } = this.options;
    const scenarios = (this.loaded?.playable ?? [])
      .map(({ scenario }) => scenario)
      .filter(({ name }) => only === undefined || name === only);
    return weighWheel(scenarios, pastGames(this.home).games, { player, now: Date.now(), tags });
  }

  draw(): number {
    const wheel = this.wheel();
    const drawn = spinWheel(wheel, this.random);
    return Math.max(
      0,
      wheel.findIndex(({ name }) => name === drawn?.name),
    );
  }

  /** What is wrong with documents, for those who want to know why a scenario is not on the wheel. */
  problems(): MisfortuneError[] {
    return this.loaded?.problems ?? [];
  }

  unrestored(): string[] {
    return this.unrestoredGames;
  }

  async recover(onLine: (line: string) => void): Promise<void> {
    for (const id of this.unrestoredGames) {
      onLine(`Restoring ${id} …`);
      const { differences, conflicts } = await recoverGame(findGameFolder(this.home, id), this.options.place);
      const left = [...differences, ...conflicts];
      onLine(
        left.length === 0
          ? `${id}: restored, verified: 0 differences.`
          : `${id}: ${left[0]} (${left.length} in all; misfortune recover ${id} tells more)`,
      );
    }
    this.unrestoredGames = (await findUnrestored(this.home)).map(({ id }) => id);
  }

  gameOptions(name: string): GameOptions {
    const { loaded } = this;
    if (!loaded) throw new Error('the library is not loaded');
    const parsed = findScenario(loaded.library, name);
    const broken = loaded.problems.find(({ place }) => place?.file === parsed.document.file);
    if (broken || !parsed.scenario)
      throw (
        broken ??
        new MisfortuneError('unreadable-document', `${parsed.document.file} cannot be read.`, {
          exitCode: exitCodes.usage,
        })
      );
    const playbook = findPlaybook(loaded.library, parsed.scenario.playbook.name);
    return {
      stateHome: this.home,
      scenarioFile: parsed.document.file,
      playbookFile: playbook.document.file,
      params: this.options.params ?? {},
      cluster: placeOf(this.options.place, loaded.config),
      player: this.options.player,
      seed: this.options.seed,
      unguarded: this.options.unguarded ?? false,
      announce: this.options.announce ?? true,
      open: this.options.open ?? false,
    };
  }

  async play({ name }: { name: string }, signal?: AbortSignal): Promise<RunningGame> {
    const options = this.gameOptions(name);
    const scenario = readScenario(await openDocument(options.scenarioFile), {});
    const playbook = readPlaybook(await openDocument(options.playbookFile), scenario);
    const conductor = await startConductor(options, signal);
    const client = connectConductor(conductor.address, 'master');
    const responder = connectConductor(conductor.address, 'responder');
    let dashboards: ReturnType<typeof watchedDashboard> | undefined;
    let told = false;
    return {
      address: conductor.address,
      playbook,
      info: () => responder.game(),
      follow: async (listener, signal) => {
        for await (const event of client.events({ signal })) listener(event);
      },
      declare: (declaration) => client.declare(declaration),
      origins: (prefix) => responder.origins(prefix),
      dashboard: async (uid, width) => {
        dashboards ??= watchedDashboard(responder, this.options.player);
        return (await dashboards).draw(uid, width);
      },
      readPlaybook: async (name, width) =>
        playbookLines(await responder.playbook(name, this.options.player), width),
      shell: () => runShell(this.options.player),
      ended: async () => {
        const exitCode = await conductor.ended;
        await (await dashboards?.catch(() => undefined))?.close();
        if (exitCode === exitCodes.leftover && !told) {
          told = true;
          this.words.push(
            `Game ${conductor.address.game} could not put everything back: misfortune recover ${conductor.address.game}`,
          );
        }
        this.unrestoredGames = (await findUnrestored(this.home)).map(({ id }) => id);
        return exitCode;
      },
    };
  }

  pastGames(): PastGame[] {
    return pastGames(this.home)
      .games.map(({ id, title, scenario, at, ending, lengthMs, restored }) => ({
        id,
        title,
        scenario,
        at,
        ending: ending ?? 'unfinished',
        length: lengthMs,
        restored,
      }))
      .reverse();
  }

  async debrief(game: string, width: number): Promise<Debrief> {
    const { debriefOf } = await import('./debrief.ts');
    return debriefOf(findGameFolder(this.home, game), width);
  }

  async report(game: string): Promise<string[]> {
    const { writeReports } = await import('../report/write.ts');
    return writeReports(findGameFolder(this.home, game));
  }

  now(): number {
    return realClock.now();
  }

  /** What must be said after the screens are gone. */
  lastWords(): string[] {
    return this.words;
  }

  /** Ends a sandbox that was started here, unless it is to be kept or a game left something in it. */
  async close(): Promise<void> {
    if (!this.started || this.options.keep) return;
    if ((await findUnrestored(this.home)).length > 0)
      return void this.words.push(
        'The sandbox was left running: something in it waits for `misfortune recover`.',
      );
    await stopSandbox(this.started);
  }
}

async function sandboxLine(access: SandboxAccess, signal: AbortSignal): Promise<ClusterLine> {
  const prometheus = connectPrometheus({ url: access.prometheus });
  const one = async (query: string): Promise<number | undefined> =>
    (await prometheus.query(query, { signal }).catch(() => []))[0]?.value;
  const [ready, pods, requests] = await Promise.all([
    one('sum(kube_pod_status_ready{condition="true"})'),
    one('count(kube_pod_info)'),
    one('sum(rate(http_requests_total[1m]))'),
  ]);
  const healthy = ready === undefined || ready === pods;
  const parts = [
    healthy ? 'shop healthy' : `${ready} of ${pods} pods ready`,
    pods === undefined ? '' : `${pods} pods`,
    requests === undefined || Number.isNaN(requests) ? '' : `${requests.toFixed(0)} req/s`,
  ];
  return { name: 'sandbox', healthy, text: parts.filter(Boolean).join(' · ') };
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
