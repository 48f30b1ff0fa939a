import { z } from 'zod';
import { type Clock, realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import { packageVersion } from '../../paths.ts';
import { type GameSources, openSources, readScenario } from './documents.ts';
import { chosenClusterSchema, openPlace } from './place.ts';
import type { GameSetup } from './setup.ts';

/** What a game is started with, as plain data: it goes to the conductor's process as it is. */
export const gameOptionsSchema = z.strictObject({
  stateHome: z.string(),
  scenarioFile: z.string(),
  playbookFile: z.string(),
  params: z.record(z.string(), z.unknown()).default({}),
  cluster: chosenClusterSchema,
  player: z.string().default('responder'),
  seed: z.int().nonnegative(),
  /** Default: on a sandbox yes, elsewhere no. */
  undoResponders: z.boolean().optional(),
  autoStart: z.boolean().default(false),
  /** A game without a guardian: one that proves scenarios and is watched by nobody who could be disturbed. */
  unguarded: z.boolean().default(false),
  /** Whether the cluster's channel is told, if it has one. */
  announce: z.boolean().default(true),
  /** Whether responders on other machines can take part, through the API server. */
  open: z.boolean().default(false),
});

export type GameOptions = z.input<typeof gameOptionsSchema>;

/**
 * Reads the documents, unless they were read (`sources`), and connects to the cluster.
 * @throws MisfortuneError of documents, config and connection; `no-sandbox`
 */
export async function setUpGame(
  options: GameOptions,
  { sources: read, clock = realClock }: { sources?: GameSources; clock?: Clock } = {},
): Promise<GameSetup> {
  const given = gameOptionsSchema.parse(options);
  const { scenarioFile, playbookFile } = given;
  const { scenario, playbook } =
    read ?? (await openSources({ scenario: scenarioFile, playbook: playbookFile }));
  const { stack } = readScenario(scenario, given.params);
  const place = await openPlace(given.cluster, given.stateHome, clock);
  const namespaces = stack.namespaces.length > 0 ? stack.namespaces : place.namespaces;
  const outside = namespaces.filter((name) => !place.namespaces.includes(name));
  if (outside.length > 0) throw notOpened(outside, place.namespaces);
  return {
    stateHome: given.stateHome,
    scenario,
    playbook,
    params: given.params,
    ...place,
    ...(!given.announce && { announce: undefined }),
    guardian: given.unguarded ? { ...place.guardian, mode: 'off' } : place.guardian,
    ...(given.open && { mailbox: place.guardian.namespace }),
    namespaces,
    access: { ...place.access, namespace: namespaces[0] ?? 'default' },
    seed: given.seed,
    player: given.player,
    version: packageVersion(),
    undoResponders: given.undoResponders ?? place.sandboxMarker !== undefined,
    autoStart: given.autoStart,
    clock,
  };
}

function notOpened(names: string[], open: string[]): MisfortuneError {
  const message = `The scenario's stack is in ${names.join(', ')}; open for games: ${open.join(', ') || 'no namespace'}.`;
  return new MisfortuneError('namespace-not-allowed', message, {
    todo: 'List the namespaces in misfortune.yaml.',
    exitCode: exitCodes.refused,
  });
}
