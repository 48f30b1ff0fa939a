import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { isAlive } from '../../../src/alive.ts';
import { realClock } from '../../../src/clock.ts';
import { leasePlace } from '../../../src/cluster/access/lease.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { currentGame } from '../../../src/game/api/current.ts';
import { packageRoot } from '../../../src/paths.ts';
import { type Certificates, createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { type CommandResult, isPhase, Place, type PlainGame, resultOf } from '../e2e/place.ts';
import { until } from '../e2e/processes.ts';
import { type CountingProxy, startCountingProxy } from './proxy.ts';

const scenario = 'both-at-once';
const namespaces = ['shop', 'batch', 'default'];

/** What a responder does in between, with kubectl: to objects that the game touched, and to others. */
const response = [
  'set -e',
  'kubectl -n shop scale deployment checkout --replicas=3',
  'kubectl -n shop patch configmap edge-upstreams --type=merge -p \'{"data":{"upstreams.yaml":"upstreams:\\n  - name: till-1\\n    address: storefront:8001\\n"}}\'',
  'kubectl -n batch delete job report-export --wait=false',
  'kubectl -n shop delete service storefront --wait=false',
  'kubectl -n shop create configmap findings --from-literal=a=1',
].join('\n');

/**
 * A sandbox that lives long, the real programs, and a counting proxy before its API server: through it go the
 * conductor, the command line and the responder's recorded kubectl.
 */
export class WholeGames {
  private constructor(
    private readonly place: Place,
    readonly proxy: CountingProxy,
    private readonly before: Baseline,
  ) {}

  static async start(): Promise<WholeGames> {
    const place = new Place(10);
    const access = await place.startSandbox();
    const certificates = await createCertificates();
    const { server, ca } = clusterIn(access.kubeconfig);
    const proxy = await startCountingProxy({ url: server, caPem: ca }, certificates);
    for (const file of [access.kubeconfig, access.responderKubeconfig]) redirect(file, proxy, certificates);
    const folder = join(packageRoot, 'test/slow/crash/documents');
    const config = { apiVersion: 'misfortune/v1', kind: 'Config', scenarios: [folder] };
    writeFileSync(join(place.home, 'misfortune.yaml'), stringify(config));
    return new WholeGames(place, proxy, await baselineOf(place));
  }

  /** Begins a game. */
  begin(guarded = false): PlainGame {
    return this.place.play(scenario, guarded ? [] : ['--unguarded']);
  }

  /** Goes on with it until it has ended: with changes of a responder or without, then called off and restored. */
  async playOn(game: PlainGame, responding: boolean): Promise<void> {
    if (!(await this.isPlayed(game))) return;
    if (responding) await this.respond();
    game.child.kill('SIGINT');
    await game.ended;
  }

  /** False: it ended first. */
  async isPlayed(game: PlainGame): Promise<boolean> {
    const played = game.happened('the game is played', isPhase('respond'), 180_000).then(
      () => true,
      (error) => {
        if (game.child.exitCode === null && game.child.signalCode === null) throw error;
        return false;
      },
    );
    return await played;
  }

  /** All of the responder's commands, or as many as are let through. */
  respond(): Promise<CommandResult> {
    return this.place.join(response);
  }

  /** kill -9 of the conductor and of the command line, at the same moment. */
  async kill(game: PlainGame): Promise<void> {
    const conductor = currentGame(this.place.home)!.address.pid;
    process.kill(conductor, 'SIGKILL');
    game.child.kill('SIGKILL');
    await until('both have ended', () => !isAlive(conductor) && !isAlive(game.child.pid!));
  }

  /** `misfortune recover`. */
  recover(...args: string[]): { result: Promise<CommandResult>; kill(): Promise<void> } {
    const child = this.place.spawn(['recover', '--json', ...args]);
    const result = resultOf(child);
    const kill = async () => {
      child.kill('SIGKILL');
      await result;
    };
    return { result, kill };
  }

  /** What differs from before the first game. */
  async differences(): Promise<string[]> {
    const lease = await this.place.withCluster((cluster) =>
      cluster.get({ kind: 'lease', group: 'coordination.k8s.io', ...leasePlace }),
    );
    const left = compare(this.before, await baselineOf(this.place));
    return lease ? [...left, 'the Lease is there'] : left;
  }

  async close(): Promise<void> {
    await this.place.close();
    await this.proxy.close();
  }
}

function baselineOf(place: Place): Promise<Baseline> {
  return place.withCluster((cluster) => takeBaseline(cluster, namespaces, { clock: realClock }));
}

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data'?: string } }[];
}

function clusterIn(file: string): { server: string; ca: string } {
  const { cluster } = (parse(readFileSync(file, 'utf8')) as Kubeconfig).clusters[0]!;
  const ca = Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString();
  return { server: cluster.server, ca };
}

function redirect(file: string, proxy: CountingProxy, { caPem }: Certificates): void {
  const config = parse(readFileSync(file, 'utf8')) as Kubeconfig;
  config.clusters[0]!.cluster = {
    server: proxy.url,
    'certificate-authority-data': Buffer.from(caPem).toString('base64'),
  };
  writeFileSync(file, stringify(config), { mode: 0o600 });
}
