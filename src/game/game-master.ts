import { seededRandom } from '../clock.ts';
import { chooseCluster } from '../config/choose.ts';
import { exitCodes } from '../errors.ts';
import { findGameFolder } from '../log/folder.ts';
import { pastGames } from '../log/past-games.ts';
import { stateHome } from '../paths.ts';
import type { Playbook } from '../playbook/schema.ts';
import { findScenario } from '../scenario/library.ts';
import { connectPrometheus } from '../signal/prometheus.ts';
import { plural } from '../words/number.ts';
import { type ConductorClient, connectConductor } from './api/client.ts';
import type { ConductorAddress } from './api/protocol.ts';
import { type FoundGame, findGame, type LoadedLibrary, loadLibrary } from './library/library.ts';
import { recoverGame } from './recover.ts';
import { type GameOptions, setUpGame } from './start/options.ts';
import { isSandbox, type PlaceOptions, placeOf } from './start/place.ts';
import { findSandbox, type SandboxAccess } from './start/sandbox-link.ts';
import { type SandboxProgress, startSandbox, stopSandbox } from './start/sandbox-process.ts';
import type { GameSetup } from './start/setup.ts';
import { startConductor } from './start/start-conductor.ts';
import { findUnrestored } from './start/unrestored.ts';
import { spinWheel, type WheelEntry, weighWheel } from './wheel.ts';

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

/** Where the wheel's cluster stands, for the line at the top. */
export interface ClusterLine {
  name: string;
  healthy: boolean;
  text: string;
}

/** A game that runs in a process of its own, as the game master's machine speaks to it. */
export interface StartedGame {
  address: ConductorAddress;
  /** With its roles bound; for the game master's eyes. */
  playbook: Playbook;
  master: ConductorClient;
  responder: ConductorClient;
  /** Resolves to the exit code (src/errors.ts) when the conductor's process has ended. */
  ended(): Promise<number>;
}

/** Cluster, wheel and games of one session, whatever they are shown on. */
export class GameMaster {
  private readonly home = stateHome();
  private readonly random;
  private loaded: LoadedLibrary | undefined;
  private place: SandboxAccess | ClusterLine | undefined;
  private started: SandboxAccess | undefined;
  private unrestoredGames: string[] = [];
  private words: string[] = [];
  /** Ids of the games that ended in this session, oldest first. */
  readonly ended: string[] = [];

  constructor(readonly options: GameMasterOptions) {
    this.random = seededRandom(options.seed);
  }

  /** Brings the cluster up: a sandbox is started, a real one is named. @throws as `loadLibrary` and `startSandbox` */
  async start(onStep: (step: SandboxProgress) => void, signal: AbortSignal): Promise<ClusterLine> {
    const { only, place: wanted, speed } = this.options;
    const loaded = await loadLibrary(wanted);
    this.loaded = loaded;
    if (only !== undefined) findScenario(loaded.library, only);
    if (isSandbox(placeOf(wanted, loaded.config))) {
      const running = findSandbox({ stateHome: this.home });
      const access = await startSandbox({ stateHome: this.home, speed, onProgress: onStep, signal });
      if (!running) this.started = access;
      this.place = access;
    } else {
      const { context } = chooseCluster(loaded.config, wanted.cluster ?? '');
      this.place = { name: context, healthy: true, text: plural(this.wheel().length, 'scenario') };
    }
    await this.lookForUnrestored();
    return this.cluster(signal);
  }

  /** How the cluster stands now. */
  async cluster(signal: AbortSignal): Promise<ClusterLine> {
    const { place } = this;
    if (!place) throw new Error('the cluster was not started');
    const line = 'markerUid' in place ? await sandboxLine(place, signal) : place;
    const missing = this.loaded?.leftOut.length ?? 0;
    const notes = [
      ...(missing > 0 ? [`${plural(missing, 'scenario')} left out: misfortune doctor`] : []),
      ...(this.options.open ? ['open to other machines'] : []),
    ];
    return { ...line, text: [line.text, ...notes].join(' · ') };
  }

  wheel(): WheelEntry[] {
    const { only, player, tags } = this.options;
    const scenarios = (this.loaded?.playable ?? [])
      .map(({ scenario }) => scenario)
      .filter(({ name }) => only === undefined || name === only);
    return weighWheel(scenarios, pastGames(this.home).games, { player, now: Date.now(), tags });
  }

  /** An index of `wheel()`, drawn by weight. */
  draw(): number {
    const wheel = this.wheel();
    const drawn = spinWheel(wheel, this.random);
    return Math.max(
      0,
      wheel.findIndex(({ name }) => name === drawn?.name),
    );
  }

  /** Ids of games that ended without restoring the cluster. */
  unrestored(): string[] {
    return this.unrestoredGames;
  }

  /** Restores these; says in a line each how far it is. */
  async recover(onLine: (line: string) => void): Promise<void> {
    for (const id of this.unrestoredGames) {
      onLine(`Restoring ${id} …`);
      const folder = findGameFolder(this.home, id);
      const { differences, conflicts, untold } = await recoverGame(folder, this.options.place);
      const left = [...differences, ...conflicts];
      onLine(
        left.length === 0
          ? `${id}: restored, verified: 0 differences.`
          : `${id}: ${left[0]} (${left.length} differences; misfortune recover ${id} lists them)`,
      );
      if (untold !== undefined) onLine(`The channel could not be notified: ${untold}`);
    }
    await this.lookForUnrestored();
  }

  /** A game of this name in this process, connected but not begun. @throws as `findGame` and `setUpGame` */
  setUp(name: string): Promise<GameSetup> {
    const { options, sources } = this.prepare(name);
    return setUpGame(options, { sources });
  }

  /** Starts a game in a process of its own; `signal` calls that off, and it rejects once nothing of it runs. */
  async play({ name }: { name: string }, signal?: AbortSignal): Promise<StartedGame> {
    const { options, playbook } = this.prepare(name);
    const { address, ended } = await startConductor(options, signal);
    let finished: Promise<number> | undefined;
    return {
      address,
      playbook,
      master: connectConductor(address, 'master'),
      responder: connectConductor(address, 'responder'),
      ended: () => (finished ??= ended.then((exitCode) => this.after(address.game, exitCode))),
    };
  }

  /** What must be said at the end of the session. */
  lastWords(): string[] {
    return this.words;
  }

  /** Ends a sandbox that was started here, unless it is to be kept or a game left something in it. */
  async close(): Promise<void> {
    if (!this.started || this.options.keep) return;
    if ((await findUnrestored(this.home)).length > 0)
      return void this.words.push(
        'The sandbox was left running: it has changes for `misfortune recover` to restore.',
      );
    await stopSandbox(this.started);
  }

  private prepare(name: string): FoundGame & { options: GameOptions } {
    const { loaded } = this;
    if (!loaded) throw new Error('the library is not loaded');
    const { sources, playbook } = findGame(loaded, name);
    const {
      params = {},
      place,
      player,
      seed,
      unguarded = false,
      announce = true,
      open = false,
    } = this.options;
    const cluster = placeOf(place, loaded.config);
    const { home: stateHome } = this;
    return {
      options: {
        ...{ stateHome, params, cluster },
        scenarioFile: sources.scenario.file,
        playbookFile: sources.playbook.file,
        ...{ player, seed, unguarded, announce, open },
      },
      sources,
      playbook,
    };
  }

  private async after(game: string, exitCode: number): Promise<number> {
    this.ended.push(game);
    if (exitCode === exitCodes.leftover)
      this.words.push(`Game ${game} could not restore the cluster: misfortune recover ${game}`);
    await this.lookForUnrestored();
    return exitCode;
  }

  private async lookForUnrestored(): Promise<void> {
    this.unrestoredGames = (await findUnrestored(this.home)).map(({ id }) => id);
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
