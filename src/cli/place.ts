import type { LoadedConfig } from '../config/load.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { GameOptions } from '../game/options.ts';

/** Options of the commands that touch a cluster. */
export interface PlaceOptions {
  cluster?: string;
  config?: string;
}

/** The sandbox, unless a cluster of misfortune.yaml is named. @throws MisfortuneError `no-config` */
export function placeOf(options: PlaceOptions, { file }: LoadedConfig): GameOptions['cluster'] {
  if (options.cluster === undefined) return {};
  if (file === undefined) {
    throw new MisfortuneError(
      'no-config',
      `Expected a misfortune.yaml with a cluster "${options.cluster}"; there is none here or above.`,
      {
        todo: 'The README shows one. Without it only the sandbox can be played on.',
        exitCode: exitCodes.usage,
      },
    );
  }
  return { config: file, name: options.cluster };
}

export function isSandbox(place: GameOptions['cluster']): boolean {
  return !('name' in place);
}
