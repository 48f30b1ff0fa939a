// Bundles every program of the project into dist/. Plain JavaScript: it runs before anything is built.

import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** ESM programs of ours: they share chunks. Output name → source. */
const programs = {
  cli: 'src/cli/main.ts',
  conductor: 'src/game/start/process.ts',
  sandbox: 'src/sandbox/main.ts',
  session: 'src/sandbox/runtime/session/main.ts',
  stack: 'src/shop/main.ts',
  bench: 'src/bench/main.ts',
};

/**
 * Single-file CommonJS programs: they run inside containers, some out of a ConfigMap, or behind the sandbox's second wall,
 * where one file is to be seen. So no chunks.
 */
const singles = {
  runtime: 'src/sandbox/runtime/main.ts',
  preload: 'src/sandbox/network/preload.ts',
  redis: 'src/sandbox/redis/main.ts',
  postgres: 'src/sandbox/postgres/main.ts',
  ...shopPrograms(),
  'programs/pod-runner': 'src/fault/types/kill/runner.ts',
  'programs/proxy': 'src/fault/types/proxy/program.ts',
  'programs/stress': 'src/fault/types/stress/program.ts',
  'programs/sender-rate': 'src/fault/types/load/sender-rate.ts',
  'programs/sender-connections': 'src/fault/types/load/sender-connections.ts',
  'programs/silence': 'src/fault/types/silence/program.ts',
  'programs/guardian': 'src/fault/guardian/main.ts',
};

/** `edge.ts` or `edge/edge.ts` in the folder of the shop's programs; `shared` is what they have in common. */
function shopPrograms() {
  const folder = 'src/shop/programs';
  // A published package has none.
  const entries = existsSync(join(root, folder))
    ? readdirSync(join(root, folder), { withFileTypes: true })
    : [];
  return Object.fromEntries(
    entries
      .filter((entry) => entry.name !== 'shared')
      .map((entry) => {
        const name = entry.name.replace(/\.ts$/, '');
        return [`programs/${name}`, join(folder, entry.isDirectory() ? `${name}/${name}.ts` : entry.name)];
      }),
  );
}

/** One hash over every source file and the lockfile: tells whether dist is of this tree. */
function sourceHash() {
  const hash = createHash('sha256');
  const walk = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (/\.(tsx?|mjs|cjs)$/.test(entry.name))
        hash.update(path.slice(root.length)).update(readFileSync(path));
    }
  };
  walk(join(root, 'src'));
  hash.update(readFileSync(join(root, 'package-lock.json')));
  return hash.digest('hex');
}

/** True if dist was made from exactly these sources. A published package has no src to compare: its dist counts. */
export function isBuilt() {
  const stamp = join(root, 'dist', '.stamp');
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sourceHash();
}

/**
 * The senders run in pods that a responder looks into: the library's name and description must not tell what
 * they are for. Only its texts are changed, never its code.
 */
const neutralTexts = {
  name: 'neutral-texts',
  setup({ onLoad }) {
    onLoad({ filter: /node_modules[\\/]autocannon[\\/].*\.js(on)?$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      if (path.endsWith('package.json'))
        return { contents: JSON.stringify({ version: JSON.parse(text).version }), loader: 'json' };
      const loader = path.endsWith('.json') ? 'json' : 'js';
      return {
        contents: text.replace(/(['"`.])autocannon\b/g, '$1client').replace(/Failed to load/g, 'Cannot read'),
        loader,
      };
    });
  },
};

/** Bundles into a fresh folder and swaps it in, so that a half-built dist is never run. */
export async function build() {
  const { build: bundle, stop } = await import('esbuild');
  const hash = sourceHash();
  const out = join(root, `dist.${process.pid}.tmp`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'programs'), { recursive: true });
  const present = (entries) =>
    Object.fromEntries(
      Object.entries(entries)
        .filter(([, source]) => existsSync(join(root, source)))
        .map(([name, source]) => [name, join(root, source)]),
    );
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    absWorkingDir: root,
    legalComments: 'none',
    // node-fetch (of @kubernetes/client-node) asks for Node's own, which warns on standard error from Node 21 on.
    alias: { punycode: 'punycode/punycode.js' },
  };
  await Promise.all([
    bundle({
      ...common,
      entryPoints: present(programs),
      outdir: out,
      format: 'esm',
      splitting: true,
      sourcemap: true,
      chunkNames: 'chunks/[name]-[hash]',
      // Half as much to read before the first frame; names stay, for stack traces without source maps.
      minifyWhitespace: true,
      minifySyntax: true,
      define: { 'process.env.NODE_ENV': '"production"' },
      // Bundled CommonJS packages still call require() for Node's own modules.
      banner: {
        js: "import { createRequire as misfortuneRequire } from 'node:module'; const require = misfortuneRequire(import.meta.url);",
      },
      // ink asks for the first only when DEV=true, pg for the last when it is told to; src/regex.ts requires re2js when it is needed.
      external: ['react-devtools-core', 'esbuild', '@lydell/node-pty', 're2js', 'pg-native'],
    }),
    // Loaded when the first regular expression is, and found beside the chunks where nothing is installed.
    bundle({
      ...common,
      entryPoints: { 're2js/index': 're2js' },
      outdir: join(out, 'node_modules'),
      format: 'cjs',
      minify: true,
    }),
    bundle({
      ...common,
      entryPoints: present(singles),
      outdir: out,
      external: ['pg-native'],
      plugins: [neutralTexts],
      format: 'cjs',
      outExtension: { '.js': '.cjs' },
      minify: true,
    }),
  ]);
  // Its service would stay in memory as long as the game that is started now.
  await stop();
  writeFileSync(join(out, '.stamp'), hash);
  const dist = join(root, 'dist');
  const old = join(root, `dist.${process.pid}.old.tmp`);
  if (existsSync(dist)) renameSync(dist, old);
  renameSync(out, dist);
  rmSync(old, { recursive: true, force: true });
}

if (process.argv[1] && statSync(process.argv[1]).ino === statSync(fileURLToPath(import.meta.url)).ino) {
  await build();
}
