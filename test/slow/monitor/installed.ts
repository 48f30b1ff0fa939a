import { spawnSync } from 'node:child_process';

/**
 * Whether a comparison with a real program must be skipped because it is not installed. With
 * MISFORTUNE_REQUIRE_ALL=1 that is an error instead.
 */
export function skipsWithout(program: string, debianPackage: string): boolean {
  if (spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined) return false;
  return skips(
    `comparison with the real ${program}`,
    `no \`${program}\` on the PATH (Debian: apt-get install ${debianPackage})`,
  );
}

/** True, and one line that says what is skipped and what is missing. */
export function skips(what: string, hint: string): true {
  if (process.env.MISFORTUNE_REQUIRE_ALL === '1') {
    throw new Error(
      `Expected all tests to run, because MISFORTUNE_REQUIRE_ALL=1, but ${what} cannot: ${hint}`,
    );
  }
  console.warn(`SKIPPED: ${what}: ${hint}`);
  return true;
}
