import { spawnSync } from 'node:child_process';

/**
 * Whether a comparison with a real program must be skipped because it is not installed. With
 * MISFORTUNE_REQUIRE_ALL=1 that is an error instead.
 */
export function skipsWithout(program: string, debianPackage: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return false;
  const hint = `no \`${program}\` on the PATH (Debian: apt-get install ${debianPackage})`;
  if (process.env.MISFORTUNE_REQUIRE_ALL === '1') {
    throw new Error(
      `Expected all comparisons to run, because MISFORTUNE_REQUIRE_ALL=1, but there is ${hint}`,
    );
  }
  console.warn(`SKIPPED: comparison with the real ${program}: ${hint}`);
  return true;
}
