import type { Attempt } from './attempts.ts';

const TOUCH = '`echo gone > ${FILE}`';

/** Other processes, threads, code that no preload is in. */
export const processAttempts: Attempt[] = [
  {
    name: 'starts a shell',
    doors: ['child_process'],
    source: () => `require('child_process').execSync(${TOUCH})`,
  },
  {
    name: 'starts a program',
    doors: ['child_process'],
    source: () => `quiet(require('child_process').spawn('sh', ['-c', ${TOUCH}]))`,
  },
  {
    name: 'starts a program by the class',
    doors: ['child_process'],
    source: () =>
      `new (require('child_process').ChildProcess)().spawn({ file: '/bin/sh', args: ['sh', '-c', ${TOUCH}], envPairs: [], stdio: ['ignore', 'ignore', 'ignore'] })`,
  },
  {
    name: 'forks a Node without a preload',
    doors: ['child_process'],
    source: () =>
      `fs.writeFileSync(TMP + '/f' + process.pid + '.js', 'require("net").connect(' + P + ', "127.0.0.1")'); require('child_process').fork(TMP + '/f' + process.pid + '.js', { execArgv: [] })`,
  },
  {
    name: 'forks by the cluster module',
    doors: ['cluster'],
    ours: true,
    source: () => `const cluster = require('cluster'); if (cluster.fork()) log(MARK)`,
  },
  {
    name: 'starts a thread without a preload',
    doors: ['worker_threads'],
    source: () =>
      `new (require('worker_threads').Worker)('require("net").connect(' + P + ', "127.0.0.1")', { eval: true, execArgv: [], env: {} })`,
  },
  {
    name: 'registers a hook of the loader, which runs in a thread',
    doors: ['module'],
    source: () =>
      `require('module').register('data:text/javascript,import net from "node:net"; net.connect(' + P + ', "127.0.0.1");')`,
  },
  {
    name: 'becomes another program',
    doors: ['process'],
    since: 24,
    source: () => `process.execve('/bin/sh', ['sh', '-c', ${TOUCH}], {})`,
  },
  { name: 'kills a process of the host', doors: ['process'], source: () => `process.kill(PID, 'SIGKILL')` },
  {
    name: 'kills a process of the host by the native call',
    doors: ['process'],
    source: () => `if (process._kill(PID, 9) !== 0) log('refused')`,
  },
  {
    name: 'debugs a process of the host',
    doors: ['process'],
    source: () => `process._debugProcess(PID)`,
  },
  {
    name: 'loads native code',
    doors: ['process'],
    ours: true,
    source: () =>
      `fs.writeFileSync('/tmp/x.node', 'x'); for (const load of [() => process.dlopen({ exports: {} }, '/tmp/x.node'), () => require('/tmp/x.node')]) try { load(); log(MARK); } catch (error) { if (/ELF|too short|invalid/.test(error.message)) log(MARK, error.message); }`,
  },
  {
    name: 'loads native code as an engine of OpenSSL',
    doors: ['crypto'],
    ours: true,
    source: () =>
      `for (const load of [() => require('crypto').setEngine('/tmp/x.so'), () => require('tls').createSecureContext({ clientCertEngine: '/tmp/x.so' }), () => require('tls').createSecureContext({ privateKeyEngine: '/tmp/x.so', privateKeyIdentifier: 'x' })]) try { load(); log(MARK); } catch (error) { log(error.code); }`,
  },
  {
    name: 'opens the inspector',
    doors: ['inspector'],
    source: () =>
      `const inspector = require('inspector'); inspector.open(0, '127.0.0.1'); if (inspector.url()) log(MARK)`,
  },
  {
    name: 'opens the inspector by a signal',
    doors: ['inspector', 'process'],
    source: () =>
      `process.debugPort = 0; process.kill(process.pid, 'SIGUSR1'); setTimeout(() => require('inspector').url() && log(MARK), 600)`,
  },
  {
    name: 'talks to the inspector',
    doors: ['inspector'],
    source: () => `new (require('inspector').Session)().connect(); log(MARK)`,
  },
  {
    name: 'talks to the inspector by promises',
    doors: ['inspector/promises'],
    source: () => `new (require('inspector/promises').Session)().connect(); log(MARK)`,
  },
  {
    name: 'runs code in another realm, and goes back by its constructors',
    doors: ['vm'],
    source: () =>
      `const far = require('vm').runInNewContext('(require, port) => this.constructor.constructor("r", "p", "r(\\'net\\').connect(p, \\'127.0.0.1\\').on(\\'error\\', () => {})")(require, port)'); far(require, P)`,
  },
  {
    name: 'gives a folder of the host to WebAssembly',
    doors: ['wasi'],
    source: () =>
      `new (require('wasi').WASI)({ version: 'preview1', preopens: { '/host': FOLDER } }); log(MARK)`,
  },
  {
    name: 'opens a database in a folder of the host',
    doors: ['sqlite'],
    since: 22,
    source: () => `new (require('node:sqlite').DatabaseSync)(FOLDER + '/x.db').exec('create table t (a)')`,
  },
  {
    name: 'runs test files, each in a process',
    doors: ['test'],
    ours: true,
    source: () =>
      `fs.writeFileSync(TMP + '/t' + process.pid + '.js', 'require("net").connect(' + P + ', "127.0.0.1")'); require('node:test').run({ files: [TMP + '/t' + process.pid + '.js'] }).on('error', () => {}).resume?.()`,
  },
  {
    name: 'changes the flags of V8',
    doors: ['v8'],
    source: () => `require('v8').setFlagsFromString('--allow-natives-syntax'); log(MARK)`,
  },
  {
    name: 'writes a trace',
    doors: ['trace_events'],
    source: () => `require('trace_events').createTracing({ categories: ['v8'] }); log(MARK)`,
  },
  {
    name: 'changes the priority of the host’s processes',
    doors: ['os'],
    source: () => `require('os').setPriority(PID, 19); log(MARK)`,
  },
  {
    name: 'becomes another user',
    doors: ['process'],
    ours: true,
    source: () => `process.setuid(0); log(MARK)`,
  },
];
