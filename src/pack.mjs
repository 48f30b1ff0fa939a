// `npm run pack`: the package that people install, as one .tgz. Everything that runs is bundled in dist, so it has no
// dependencies but the optional ones, npm's packages of PostgreSQL; its package.json is made for it.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, isBuilt } from './build.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Where the .tgz is put. */
const out = process.argv[2] ?? process.cwd();

if (!isBuilt()) await build();
const folder = mkdtempSync(join(tmpdir(), 'misfortune-pack-'));
try {
  const { dependencies, devDependencies, scripts, ...rest } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(rest, null, 2)}\n`);
  for (const name of [...rest.files, 'README.md']) {
    // Source maps are half of dist, and of use only beside the sources of a clone.
    const filter = (source) => !source.endsWith('.map');
    cpSync(join(root, name), join(folder, name), { recursive: true, filter });
  }
  execFileSync('npm', ['pack', '--pack-destination', out], { cwd: folder, stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
