import { build, isBuilt } from '../src/build.mjs';

/** Tests start real processes out of dist/: build it once before them. */
export default async function setup(): Promise<void> {
  if (!isBuilt()) await build();
}
