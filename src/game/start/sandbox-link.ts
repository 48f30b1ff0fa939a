import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isAlive } from '../../alive.ts';
import { readJson } from '../../log/folder.ts';

/** Whether pods run behind the second wall (docs/safety.md), and if not, why. */
export const wallSchema = z.union([
  z.object({ stands: z.literal(true) }),
  z.object({ stands: z.literal(false), why: z.string() }),
]);

export type WallState = z.infer<typeof wallSchema>;

/** What a running sandbox tells of itself; the game knows it only by this. */
export const sandboxSchema = z.object({
  version: z.literal(1),
  pid: z.int().positive(),
  startedAt: z.string(),
  folder: z.string(),
  kubeconfig: z.string(),
  responderKubeconfig: z.string(),
  context: z.string(),
  prometheus: z.string(),
  alertmanager: z.string(),
  grafana: z.string(),
  markerUid: z.string(),
  speed: z.number().positive(),
  idleMinutes: z.number().optional(),
  wall: wallSchema.optional(),
});

export type SandboxAccess = z.infer<typeof sandboxSchema>;

export interface SandboxPlace {
  stateHome: string;
  /** Folder of the sandbox; default `sandbox` in the state home. */
  folder?: string;
}

/** The sandbox that runs there, if one does. */
export function findSandbox(place: SandboxPlace): SandboxAccess | undefined {
  const state = sandboxSchema.safeParse(readJson(join(sandboxPaths(place).folder, 'sandbox.json')));
  return state.success && isAlive(state.data.pid) ? state.data : undefined;
}

/** The log of a sandbox that ended without being told to; undefined while one runs, and if the last one was stopped. */
export function logOfDead(place: SandboxPlace): string | undefined {
  const { folder, log } = sandboxPaths(place);
  if (findSandbox(place) || !existsSync(log)) return undefined;
  // One that is being started has an empty log, and no state yet.
  return statSync(log).size > 0 || existsSync(join(folder, 'sandbox.json')) ? log : undefined;
}

const LOG = 'sandbox.log';

/** Where a sandbox has its folder, and writes its log. */
export function sandboxPaths({ stateHome, folder = join(stateHome, 'sandbox') }: SandboxPlace) {
  return { folder, log: join(folder, LOG) };
}
