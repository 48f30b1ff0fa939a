import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { realClock } from '../../../src/clock.ts';
import { leasePlace } from '../../../src/cluster/access/lease.ts';
import { type Baseline, compare, takeBaseline } from '../../../src/fault/compare/compare.ts';
import { createCertificates } from '../../../src/sandbox/apiserver/certificates.ts';
import { type ControlPlane, startControlPlane } from '../../fault/control-plane.ts';
import type { OutsideWorld } from '../../fault/outside-world.ts';
import { type CountingProxy, startCountingProxy } from './proxy.ts';

/** Where the copies of ledgers are. */
export const maintenance = 'maintenance';

/** An API server with pods on paper, and a counting proxy before it. */
export class CrashSite {
  private before: Baseline | undefined;

  private constructor(
    readonly plane: ControlPlane,
    readonly proxy: CountingProxy,
    private readonly world: OutsideWorld,
    /** By way of the proxy. */
    readonly kubeconfig: string,
  ) {}

  /** `way`: gives the URL by which the proxy (of this URL) is reached, if not at once. */
  static async start(
    world: OutsideWorld,
    way: (url: string) => Promise<string> = async (url) => url,
  ): Promise<CrashSite> {
    const plane = await startControlPlane(world);
    const { server } = plane;
    await plane.cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: maintenance } });
    const certificates = await createCertificates();
    const proxy = await startCountingProxy({ url: server.url, caPem: server.caPem }, certificates);
    const kubeconfig = join(server.folder, 'proxied.kubeconfig');
    const config = parse(readFileSync(server.kubeconfig, 'utf8'));
    config.clusters[0].cluster = {
      server: await way(proxy.url),
      'certificate-authority-data': Buffer.from(certificates.caPem).toString('base64'),
    };
    writeFileSync(kubeconfig, stringify(config), { mode: 0o600 });
    const site = new CrashSite(plane, proxy, world, kubeconfig);
    site.before = await site.baseline();
    return site;
  }

  /** What is not as it was at the start. */
  async differences(): Promise<string[]> {
    const { cluster } = this.plane;
    const lease = await cluster.get({ kind: 'lease', group: 'coordination.k8s.io', ...leasePlace });
    const secrets = await cluster.list({ kind: 'secret' }, { namespace: maintenance });
    return [
      ...compare(this.before!, await this.baseline()),
      ...(lease ? ['the Lease is still there'] : []),
      ...secrets.map(({ metadata }) => `the Secret ${metadata.name} of the ledger is still there`),
      ...(this.world.state === 'original' ? [] : [`what the Jobs changed is ${this.world.state}`]),
      ...[...this.world.chaosMesh.disturbed].map((pod) => `Chaos Mesh disturbs ${pod}`),
    ];
  }

  /** Of a holder that is gone. */
  async leaveLease(holder: string, seconds: number): Promise<void> {
    const now = `${new Date().toISOString().slice(0, -1)}000Z`;
    await this.plane.cluster.create({
      ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: leasePlace },
      spec: { holderIdentity: holder, leaseDurationSeconds: seconds, acquireTime: now, renewTime: now },
    });
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.plane.close();
  }

  private baseline(): Promise<Baseline> {
    return takeBaseline(this.plane.cluster, ['shop', 'batch'], { clock: realClock });
  }
}
