/**
 * Every built-in module of Node 20, 22 and 24, and what keeps a program from reaching the host through it. A Node with
 * a module that is not judged here fails test/slow/escapes; so does a door that no attempt there tries.
 *
 * `harmless`: computes, or works on what the program has already. `model`: Node's permission model refuses. `guarded`: ends in
 * the native classes or names that the preload watches over. `closed`: the named exports throw EPERM.
 */
export type Door =
  | { kept: 'harmless' }
  | { kept: 'model' }
  | { kept: 'guarded' }
  | { kept: 'closed'; exports: readonly string[] };

const harmless: Door = { kept: 'harmless' };
const model: Door = { kept: 'model' };
const guarded: Door = { kept: 'guarded' };
const closed = (...exports: string[]): Door => ({ kept: 'closed', exports });

export const DOORS: Readonly<Record<string, Door>> = {
  assert: harmless,
  'assert/strict': harmless,
  // Shows native objects to a program: they are guarded where they are made.
  async_hooks: guarded,
  buffer: harmless,
  child_process: model,
  cluster: closed('fork', 'setupPrimary', 'setupMaster'),
  console: harmless,
  constants: harmless,
  crypto: closed('setEngine'),
  dgram: closed('createSocket', 'Socket', '_createSocketHandle'),
  // Tells of sockets as they are made.
  diagnostics_channel: guarded,
  dns: guarded,
  'dns/promises': guarded,
  domain: harmless,
  events: harmless,
  fs: model,
  'fs/promises': model,
  http: guarded,
  http2: guarded,
  https: guarded,
  inspector: closed('open', 'Session', 'waitForDebugger'),
  'inspector/promises': closed('open', 'Session', 'waitForDebugger'),
  // register() starts a thread without a preload.
  module: closed('register', 'enableCompileCache', 'flushCompileCache'),
  net: guarded,
  os: closed('setPriority'),
  path: harmless,
  'path/posix': harmless,
  'path/win32': harmless,
  perf_hooks: harmless,
  process: closed(
    'binding', '_linkedBinding', 'dlopen', '_debugProcess', '_debugEnd', 'report', 'execve', 'loadEnvFile',
    'setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups',
  ), // biome-ignore format: one look
  punycode: harmless,
  querystring: harmless,
  readline: harmless,
  'readline/promises': harmless,
  repl: harmless,
  sea: harmless,
  // Opens files, and loads extensions, without asking the permission model.
  sqlite: closed('*'),
  stream: harmless,
  'stream/consumers': harmless,
  'stream/promises': harmless,
  'stream/web': harmless,
  string_decoder: harmless,
  sys: harmless,
  // run() starts processes: the permission model refuses.
  test: model,
  'test/reporters': harmless,
  timers: harmless,
  'timers/promises': harmless,
  tls: guarded,
  // Writes a file of its own beside the program.
  trace_events: closed('createTracing'),
  tty: guarded,
  url: harmless,
  util: harmless,
  'util/types': harmless,
  // A snapshot of the heap holds what the preload keeps to itself.
  v8: closed(
    'setFlagsFromString', 'writeHeapSnapshot', 'getHeapSnapshot', 'setHeapSnapshotNearHeapLimit', 'queryObjects', 'startupSnapshot',
  ), // biome-ignore format: one look
  vm: harmless,
  wasi: model,
  worker_threads: model,
  zlib: harmless,
};

/** What is global, and leads to the network through the modules above. */
export const GLOBAL_DOORS = ['fetch', 'WebSocket', 'EventSource'] as const;
