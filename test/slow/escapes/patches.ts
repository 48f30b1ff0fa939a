import type { Attempt } from './attempts.ts';

/** What the network answers for a port of the host, if a program could say it in the network's name. */
const ANSWER = `const answer = (n) => ({ n, request: n, ip: '127.0.0.1', addresses: ['127.0.0.1'], route: { kind: 'local', address: '127.0.0.1', port: P } });`;

/** Replaces `target[name]` by what `wrap` makes of it. */
const SWAP = `const swap = (target, name, wrap) => { const before = target[name]; target[name] = wrap(before); return before; };`;

const ours = (name: string, doors: string[], source: string): Attempt => ({
  name,
  doors,
  ours: true,
  source: () => `${ANSWER} ${SWAP} ${source}`,
});

/** Every connection that the preload makes for the program shows lines between them: `control(socket, line)` gets each. */
const LISTEN_IN = `const { write, emit } = net.Socket.prototype; const lines = []; let control;
  net.Socket.prototype.write = function (data, ...rest) {
    if (String(data).includes('"op"')) { control = this; lines.push(String(data)); }
    return write.call(this, data, ...rest);
  };`;

/** Replaces what the preload might rely on, then goes the plainest way. */
export const patchAttempts: Attempt[] = [
  ours(
    'replaces JSON.parse',
    ['net'],
    `swap(JSON, 'parse', (parse) => (text) => ({ ...parse(text), ...answer(parse(text).n) })); reach()`,
  ),
  ours(
    'replaces JSON.stringify',
    ['net'],
    `swap(JSON, 'stringify', (print) => (value) => print({ ...value, op: 'listen', host: '0.0.0.0', port: 7010, real: P })); net.createServer().listen(7011, () => reach({ port: 7010, host: '127.0.0.1' }))`,
  ),
  ours(
    'hears what is printed as JSON',
    ['net'],
    `Object.prototype.toJSON = function () { if (this.key || this.token || this.name) log(MARK); return this; }; net.createServer().listen(7012, () => reach())`,
  ),
  ours(
    'replaces the methods of Map and WeakMap',
    ['net'],
    `for (const name of ['get', 'has', 'delete']) { Map.prototype[name] = () => 1; WeakMap.prototype[name] = () => P; Set.prototype[name] = () => true; } wraps((classes, handle) => new handle.constructor(0).connect(new classes.TCPCONNECTWRAP(), '127.0.0.1', P)); reach()`,
  ),
  ours(
    'replaces the methods of arrays',
    ['net'],
    `for (const name of ['some', 'every', 'includes', 'find', 'indexOf']) Array.prototype[name] = () => true; reach({ path: SOCKET }); reach()`,
  ),
  ours(
    'replaces the iteration of arrays',
    ['net'],
    `Array.prototype[Symbol.iterator] = function* () { yield SOCKET; yield SOCKET; }; reach({ path: SOCKET })`,
  ),
  ours(
    'replaces the methods of strings',
    ['net'],
    `for (const name of ['startsWith', 'includes', 'endsWith']) String.prototype[name] = () => true; String.prototype.replace = String.prototype.replaceAll = () => SOCKET; String.prototype.slice = function () { return SOCKET; }; reach({ path: SOCKET }); reach()`,
  ),
  ours(
    'replaces the methods of regular expressions',
    ['net'],
    `RegExp.prototype.test = () => true; RegExp.prototype.exec = () => [SOCKET, SOCKET]; reach({ path: SOCKET }); reach()`,
  ),
  ours(
    'replaces the functions of paths',
    ['path'],
    `const path = require('path'); for (const name of ['normalize', 'resolve', 'join', 'dirname']) path[name] = path.posix[name] = () => SOCKET; reach({ path: SOCKET })`,
  ),
  ours(
    'replaces what follows links',
    ['fs'],
    `fs.realpathSync = fs.realpathSync.native = (path) => path; fs.lstatSync = () => undefined; reach({ path: '/tmp/../../../../../../../../../..' + SOCKET })`,
  ),
  ours(
    'replaces Function.prototype.call, apply and bind, and uses what they hand over',
    ['net'],
    `const { apply } = Reflect; const caught = new Set();
    for (const name of ['call', 'apply', 'bind']) swap(Function.prototype, name, (before) => function (...args) { caught.add(this); return apply(before, this, args); });
    wraps((classes, handle) => { for (const one of caught) if (['connect', 'bind', 'open'].includes(one.name)) try { apply(one, new handle.constructor(0), [new classes.TCPCONNECTWRAP(), '127.0.0.1', P]); } catch {} })`,
  ),
  ours(
    'replaces the functions of Reflect, and uses what they hand over',
    ['net'],
    `const { apply } = Reflect; const caught = new Set();
    for (const name of ['apply', 'construct', 'get']) swap(Reflect, name, (before) => (target, ...args) => { caught.add(target); return apply(before, Reflect, [target, ...args]); });
    wraps((classes, handle) => { for (const one of caught) if (typeof one === 'function' && one.name === 'connect') try { apply(one, new handle.constructor(0), [new classes.TCPCONNECTWRAP(), '127.0.0.1', P]); } catch {} })`,
  ),
  ours(
    'replaces the functions of Object',
    ['net'],
    `for (const name of ['assign', 'entries', 'keys', 'defineProperty', 'getPrototypeOf']) swap(Object, name, (before) => (...args) => before(...args)); reach()`,
  ),
  ours(
    'replaces Number and its functions',
    ['net'],
    `Number.isInteger = () => true; globalThis.Number = () => P; globalThis.String = () => '127.0.0.1'; reach()`,
  ),
  ours(
    'puts an answer on every object',
    ['net'],
    `for (const [key, value] of Object.entries({ ...answer(1), kind: 'local', address: '127.0.0.1', port: P, path: SOCKET, permit: 1 })) Object.prototype[key] = value; reach({ host: '127.0.0.1' }); reach()`,
  ),
  ours(
    'puts a way on every object, asks for a name, and connects by a handle',
    ['dns', 'net'],
    `Object.prototype.route = answer(1).route; require('dns').lookup('elsewhere', () => wraps((classes, handle) => new handle.constructor(0).connect(new classes.TCPCONNECTWRAP(), '127.0.0.1', P)))`,
  ),
  ours(
    'replaces process.nextTick and the timers',
    ['net'],
    `swap(process, 'nextTick', (tick) => (done, ...args) => tick(() => { try { done(answer(1)); } catch {} done(...args); })); swap(globalThis, 'setTimeout', (later) => (done, ...args) => later(() => done(answer(1)), 0)); reach()`,
  ),
  ours(
    'replaces the methods of promises',
    ['dns'],
    `swap(Promise.prototype, 'then', (then) => function (done, failed) { return then.call(this, (value) => done?.(Array.isArray(value) ? ['127.0.0.1'] : value), failed); }); quiet(require('http').get('http://elsewhere:' + P)); reach({ port: P, host: 'elsewhere' })`,
  ),
  ours(
    'replaces Promise',
    ['dns'],
    `globalThis.Promise = class extends Promise { constructor(run) { super((done) => run(done, done)); } }; quiet(require('http').get('http://elsewhere:' + P)); reach({ port: P, host: 'elsewhere' })`,
  ),
  ours(
    'says in the preload’s name that it listens, on the preload’s connection',
    ['net'],
    `${LISTEN_IN} net.createServer().listen(7013, () => {
      const real = lines.find((it) => it.includes('"listen"')); const forged = real.replace(/"real":\\d+/, '"real":' + P).replace('7013', '7014').replace(/"n":\\d+/, '"n":99');
      write.call(control, forged); setTimeout(() => reach({ port: 7014, host: '127.0.0.1' }), 200); })`,
  ),
  ours(
    'says again what the preload has said',
    ['net'],
    `${LISTEN_IN} const server = net.createServer().listen(7015, () => { server.close(() => { for (const line of lines) write.call(control, line); setTimeout(() => reach(), 200); }); })`,
  ),
  ours(
    'answers in the network’s name, on the preload’s connection',
    ['net', 'events'],
    `${LISTEN_IN} reach({ port: 7016, host: '127.0.0.1' }); reach(); for (let n = 1; n < 20; n++) for (const seal of ['', '0'.repeat(16) + ' ']) emit.call(control, 'data', seal + JSON.stringify(answer(n)) + '\\n')`,
  ),
  ours(
    'calls the preload’s listeners with an answer',
    ['events'],
    `${LISTEN_IN} reach(); for (const listen of control.listeners('data')) for (let n = 1; n < 20; n++) listen(JSON.stringify(answer(n)) + '\\n')`,
  ),
  ours(
    'changes the network’s answers as they come in',
    ['events'],
    `swap(require('events').prototype, 'emit', (emit) => function (event, data, ...rest) { return emit.call(this, event, typeof data === 'string' ? data.replace(/"route":\\{[^}]*\\}/, JSON.stringify(answer(1)).match(/"route":\\{[^}]*\\}/)[0]) : data, ...rest); }); reach()`,
  ),
  ours(
    'changes the network’s answers as they are decoded',
    ['string_decoder'],
    `swap(require('string_decoder').StringDecoder.prototype, 'write', (decode) => function (bytes) { return decode.call(this, bytes).replace(/"route":\\{[^}]*\\}/, '"route":' + JSON.stringify(answer(1).route)); }); reach()`,
  ),
  ours(
    'changes the network’s answers as they are read',
    ['stream'],
    `swap(require('stream').Readable.prototype, 'push', (push) => function (chunk, ...rest) { return push.call(this, chunk && Buffer.from(String(chunk).replace(/"route":\\{[^}]*\\}/, '"route":' + JSON.stringify(answer(1).route))), ...rest); }); reach()`,
  ),
  ours(
    'gives its server a handle that names a port of the host',
    ['net'],
    `wraps((classes, handle) => { Object.getPrototypeOf(handle).getsockname = (out) => { Object.assign(out, { address: '127.0.0.1', family: 'IPv4', port: P }); return 0; };
      net.createServer().listen(7017, () => reach({ port: 7017, host: '127.0.0.1' })); })`,
  ),
  ours(
    'lets its server say that it listens on a port of the host',
    ['net'],
    `net.Server.prototype.address = () => ({ address: '127.0.0.1', family: 'IPv4', port: P }); const server = net.createServer(); server.on('newListener', () => {}); server.listen(7018, () => reach({ port: 7018, host: '127.0.0.1' }))`,
  ),
  ours(
    'swaps the handle of its server for an object',
    ['net'],
    `const server = net.createServer(); const { prependOnceListener } = server; server.prependOnceListener = function (event, done) { return prependOnceListener.call(this, event, () => { const { _handle } = this; this._handle = { getsockname: (out) => { out.port = P; return 0; }, fd: P, port: P }; done.call(this); this._handle = _handle; }); };
      server.listen(7019, () => reach({ port: 7019, host: '127.0.0.1' }))`,
  ),
  ours(
    'closes the descriptors of the process, and answers for the network on one of its own',
    ['fs', 'net'],
    `const server = net.createServer((one) => { quiet(one).on('data', (text) => { log('heard', String(text).includes('key')); for (let n = 1; n < 40; n++) one.write(JSON.stringify(answer(n)) + '\\n'); }); }).listen('/tmp/mine', () => {
      for (let fd = 17; fd < 40; fd++) try { fs.closeSync(fd); quiet(net.connect('/tmp/mine')); } catch {}
      setTimeout(() => reach(), 200); })`,
  ),
  ours(
    'writes to every descriptor of the process',
    ['fs'],
    `net.createServer().listen(7020, () => { for (let fd = 3; fd < 40; fd++) try { fs.writeSync(fd, JSON.stringify({ n: 99, op: 'listen', host: '0.0.0.0', port: 7021, real: P }) + '\\n'); } catch {} setTimeout(() => reach({ port: 7021, host: '127.0.0.1' }), 200); })`,
  ),
  ours(
    'looks for the key in its environment, arguments and settings',
    ['process', 'fs'],
    `const all = JSON.stringify([process.env, process.argv, process.execArgv, process.title, Object.keys(globalThis)]); if (/CONTAINER_SETTINGS|"key"|net\\.sock|\\/net"/.test(all)) log(MARK);
      for (const path of ['/proc/self/environ', '/proc/self/cmdline', '/proc/self/mem', '/proc/self/fd']) try { if (fs.readFileSync(path).length > 0) log(MARK, path); } catch {}
      try { fs.readSync(3, Buffer.alloc(1)); } catch (error) { log(error.code); }`,
  ),
  ours(
    'looks for the key in a snapshot of the heap',
    ['v8'],
    `const v8 = require('v8'); for (const name of ['getHeapSnapshot', 'writeHeapSnapshot', 'queryObjects']) try { if (v8[name]) { v8[name](Object); log(MARK, name); } } catch {}`,
  ),
  ours(
    'has its errors’ stacks show the preload’s functions and their receivers',
    ['process'],
    `Error.prepareStackTrace = (error, sites) => { for (const site of sites) { const self = site.getThis?.(); const fn = site.getFunction?.(); if (self?.permit || self?.key || self?.permits) { log(MARK); } if (/permit/.test(fn?.toString?.() ?? '')) { try { fn.call(self, '127.0.0.1', P); } catch {} } } return ''; };
      Error.stackTraceLimit = 100; const trap = { get host() { new Error().stack; return '127.0.0.1'; }, port: { valueOf() { new Error().stack; return P; }, toString() { new Error().stack; return String(P); } } };
      for (const name of ['emit', 'once', 'write']) swap(net.Socket.prototype, name, (before) => function (...args) { new Error().stack; return before.apply(this, args); });
      reach(trap); reach()`,
  ),
  ours(
    'takes callers and arguments of the preload’s functions',
    ['net'],
    `swap(net.Socket.prototype, 'write', (write) => function trap(...args) { for (let fn = trap.caller; fn; fn = fn.caller) { log('caller'); for (const one of fn.arguments ?? []) if (one?.key) log(MARK); } return write.apply(this, args); }); reach()`,
  ),
  ours(
    'asks for a module that is not loaded yet, by a changed loader',
    ['module'],
    `swap(module.constructor, '_load', (load) => function (...args) { const loaded = load.apply(this, args); if (loaded?.internalBinding) log(MARK); return loaded; }); require('dgram'); require('tls'); reach()`,
  ),
  ours(
    'brings changed modules up to date for imports',
    ['module'],
    `require('module').syncBuiltinESMExports(); import('net').then((it) => quiet(it.connect(P, '127.0.0.1')))`,
  ),
];
