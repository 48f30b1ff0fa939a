import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rolesFor } from '../../src/cluster/access/roles.ts';
import type { Cluster, ClusterObject } from '../../src/cluster/cluster.ts';
import { connect } from '../../src/cluster/connection/connect.ts';
import { neededPermissions } from '../../src/fault/plan/preflight.ts';
import { connectConductor } from '../../src/game/api/client.ts';
import { openConductor } from '../../src/game/conductor.ts';
import { guardOf, planScenario } from '../../src/game/phases/inject.ts';
import { readScenario } from '../../src/game/start/documents.ts';
import type { GameSetup } from '../../src/game/start/setup.ts';
import { readLog } from '../../src/log/log.ts';
import { kubeconfigOf, newServiceAccount } from './accounts.ts';
import { type SmallTown, startSmallTown } from './small-cluster.ts';

const account = { kind: 'ServiceAccount', namespace: 'default', name: 'games' } as const;

let home: string;
let town: SmallTown;
let limited: Cluster;
let setup: GameSetup;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
  town = await startSmallTown(home);

  // As on a team's own cluster: no marker of a sandbox, nothing of the responder's is undone.
  setup = await town.setup({ sandboxMarker: undefined, undoResponders: false, mailbox: 'maintenance' });
  const kubeconfig = join(home, 'limited.kubeconfig');
  await newServiceAccount(setup.cluster, account.name);
  await kubeconfigOf(town.server.kubeconfig, setup.cluster, account.name, kubeconfig);
  limited = await connect({ kubeconfig });
});
afterAll(async () => {
  limited.close();
  await town.close();
  rmSync(home, { recursive: true });
});

/** Gives the limited account these Roles and nothing else. */
async function grant(roles: readonly ClusterObject[]): Promise<void> {
  for (const { kind, metadata, ...rest } of roles) {
    const ref = { kind: kind.toLowerCase(), group: 'rbac.authorization.k8s.io', ...metadata } as const;
    await setup.cluster.delete(ref);
    await setup.cluster.create({ kind, metadata, ...rest } as ClusterObject);
  }
}

async function least(): Promise<ClusterObject[]> {
  const scenario = readScenario(setup.scenario, setup.params);
  const plan = await planScenario(scenario, setup);
  const needed = await neededPermissions(plan, guardOf(scenario, setup), setup.cluster);
  return rolesFor(needed, 'game-days', account);
}

describe('the least Roles of a scenario', () => {
  it('are enough for a whole game: nothing is forbidden from the briefing to the debrief', async () => {
    await grant(await least());
    const forbidden: string[] = [];
    const watching: Cluster = new Proxy(limited, {
      get(cluster, name) {
        const value = Reflect.get(cluster, name) as unknown;
        if (typeof value !== 'function') return value;
        return async (...words: unknown[]) => {
          try {
            return await (value as (...words: unknown[]) => unknown).apply(cluster, words);
          } catch (error) {
            if ((error as { status?: number }).status === 403) forbidden.push((error as Error).message);
            throw error;
          }
        };
      },
    });
    const conductor = await openConductor({ ...setup, cluster: watching, speed: 40 });
    const running = conductor.run();
    const client = connectConductor(conductor.address, 'responder');
    for await (const event of client.events())
      if (event.type === 'phase-entered' && event.phase === 'respond') break;
    town.setTone('kind');
    expect(await running).toMatchObject({ ending: 'mitigated', leftover: [] });
    const { events } = readLog(conductor.folder.log);
    expect(events.filter(({ type }) => type === 'monitor-failed')).toEqual([]);
    // Secrets are not among them, by intention.
    expect(forbidden.filter((message) => !message.includes('secrets'))).toEqual([]);
  }, 60_000);

  it('are all needed: without any one of their rules the game is refused, and the rule is named', async () => {
    const roles = await least();
    for (const role of roles.filter(({ rules }) => rules)) {
      const rules = role.rules as { resources: string[]; verbs: string[] }[];
      for (const [index, left] of rules.entries()) {
        const less = { ...role, rules: rules.filter((_, at) => at !== index) };
        await grant(roles.map((each) => (each === role ? less : each)));
        town.setTone('kind');
        const conductor = await openConductor({ ...setup, cluster: limited });
        const { ending, why } = await conductor.run();
        expect(ending, `without ${JSON.stringify(left)} in ${role.metadata.namespace}`).toBe('not-started');
        // Planning reads the object before preflight asks for the permission, and names it in the singular.
        const named = left.resources.map((resource) => `${left.verbs[0]} ${resource.replace(/s$/, '')}`);
        expect(
          named.some((words) => why.includes(`permission to ${words}`)),
          why,
        ).toBe(true);
        expect(town.tone()).toBe('kind');
      }
    }
  }, 120_000);
});
