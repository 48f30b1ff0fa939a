import type { Attempt } from './attempts.ts';

/** Past the modules, to the classes of Node's native side. */
export const handleAttempts: Attempt[] = [
  {
    name: 'connects by the native class that an async hook shows',
    doors: ['async_hooks', 'net'],
    source: () =>
      `wraps((classes, handle) => { const one = new handle.constructor(0); one.connect(new classes.TCPCONNECTWRAP(), '127.0.0.1', P); })`,
  },
  {
    name: 'connects by the native class over IPv6',
    doors: ['net'],
    source: () =>
      `wraps((classes, handle) => { const one = new handle.constructor(0); one.connect6(new classes.TCPCONNECTWRAP(), '::ffff:127.0.0.1', P); })`,
  },
  {
    name: 'connects natively to an address that turns into another text later',
    doors: ['net'],
    ours: true,
    source: () =>
      `net.createServer().listen(7003, () => reach({ port: 7003, host: '127.0.0.1' }).on('connect', function () {
        const own = this.remotePort; let asked = 0;
        wraps((classes, handle) => { const one = new handle.constructor(0);
          one.connect(new classes.TCPCONNECTWRAP(), { toString: () => asked++ ? '127.0.0.1' : '10.0.0.1' }, P);
          one.connect(new classes.TCPCONNECTWRAP(), '127.0.0.1', P + 2 ** 32); });
      }))`,
  },
  {
    name: 'connects a native pipe to a unix socket',
    doors: ['net'],
    source: () =>
      `wraps((classes) => { const one = new classes.PIPEWRAP(0); one.connect(new classes.PIPECONNECTWRAP(), SOCKET); })`,
  },
  {
    name: 'connects a native pipe by a path that is an object',
    doors: ['net'],
    ours: true,
    source: () =>
      `wraps((classes) => { let asked = 0; const one = new classes.PIPEWRAP(0); one.connect(new classes.PIPECONNECTWRAP(), { toString: () => asked++ ? SOCKET : '/tmp/x' }); })`,
  },
  {
    name: 'connects a native pipe with the calls of newer versions',
    doors: ['net'],
    ours: true,
    source: () =>
      `wraps((classes) => { for (const name of ['connect2', 'bind2']) { const one = new classes.PIPEWRAP(0); if (one[name]) one[name](new classes.PIPECONNECTWRAP(), SOCKET, 1); } })`,
  },
  {
    name: 'opens descriptors of the process as sockets',
    doors: ['net'],
    ours: true,
    source: () =>
      `for (let fd = 3; fd < 40; fd++) { try { quiet(new net.Socket({ fd })).write('{"op":"listen"}\\n'); log('opened', fd, MARK); } catch {} }`,
  },
  {
    name: 'opens descriptors natively, by numbers that overflow',
    doors: ['net'],
    ours: true,
    source: () =>
      `wraps((classes) => { for (let fd = 3; fd < 40; fd++) for (const number of [fd, fd - 2 ** 32, fd + 2 ** 32, String(fd), { valueOf: () => fd }])
        try { if (new classes.PIPEWRAP(0).open(number) === 0) log(MARK, fd); } catch {} })`,
  },
  {
    name: 'opens a port on all addresses of the host',
    doors: ['net'],
    source: () => `if (typeof net._createServerHandle('0.0.0.0', 0, 4) === 'object') log(MARK)`,
  },
  {
    name: 'opens a chosen port of the host',
    doors: ['net'],
    source: () =>
      `const one = net._createServerHandle('127.0.0.1', 0, 4); const out = {}; one.getsockname(out); one.close();
       setTimeout(() => typeof net._createServerHandle('127.0.0.1', out.port, 4) === 'object' && log(MARK), 50)`,
  },
  {
    name: 'takes the guards off the native classes',
    doors: ['net'],
    ours: true,
    source: () =>
      `wraps((classes, handle) => { const prototype = Object.getPrototypeOf(handle);
        for (const name of Object.getOwnPropertyNames(prototype)) if (name !== 'constructor') delete prototype[name];
        const one = new handle.constructor(0); one.connect(new classes.TCPCONNECTWRAP(), '127.0.0.1', P); })`,
  },
  {
    name: 'reads the native resource of every callback, and speaks for the preload with it',
    doors: ['async_hooks'],
    ours: true,
    source: () =>
      `const seen = new Set(); hooks.createHook({ before() { seen.add(hooks.executionAsyncResource()); } }).enable();
       net.createServer().listen(7004, () => reach({ port: 7004, host: '127.0.0.1' }).on('connect', () => {
         const answer = JSON.stringify({ n: 4, request: 4, route: { kind: 'local', address: '127.0.0.1', port: P }, ip: '127.0.0.1' }) + '\\n';
         reach();
         for (const one of seen) {
           try { one.onread?.(new Uint8Array(Buffer.from(answer)).buffer); } catch {}
           try { one.writeUtf8String?.({ handle: one }, JSON.stringify({ op: 'listen', host: '0.0.0.0', port: 7005, real: P }) + '\\n'); } catch {}
         }
         setTimeout(() => reach({ port: 7005, host: '127.0.0.1' }), 200);
       }))`,
  },
  {
    name: 'makes an AsyncLocalStorage copy what hangs on native objects',
    doors: ['async_hooks'],
    ours: true,
    source: () =>
      `const store = new hooks.AsyncLocalStorage(); store.kResourceStore = 'onread'; store.enterWith(undefined); 
       net.createServer().listen(7006, () => reach({ port: 7006, host: '127.0.0.1' }).on('connect', () => {
         const found = store.getStore(); const answer = JSON.stringify({ n: 4, route: { kind: 'local', address: '127.0.0.1', port: P } }) + '\\n';
         reach(); if (typeof found === 'function') found(new Uint8Array(Buffer.from(answer)).buffer);
       }))`,
  },
  {
    name: 'takes the sockets that diagnostics channels tell of',
    doors: ['diagnostics_channel'],
    source: () =>
      `require('diagnostics_channel').subscribe('net.client.socket', ({ socket }) => quiet(socket)); reach()`,
  },
  {
    name: 'asks the process for its native objects',
    doors: ['process'],
    source: () =>
      `reach({ port: P, host: '127.0.0.1' }); if (process._getActiveHandles().length > 0) log(MARK)`,
  },
  {
    name: 'asks for internal bindings',
    doors: ['process'],
    source: () => `process.binding('tcp_wrap'); log(MARK)`,
  },
  {
    name: 'asks for internal bindings by the other name',
    doors: ['process'],
    ours: true,
    source: () => `process._linkedBinding('tcp_wrap'); log(MARK)`,
  },
  {
    name: 'asks for internal modules',
    doors: ['module'],
    ours: true,
    source: () =>
      `for (const name of ['internal/bootstrap/realm', 'internal/net', 'internal/dgram', 'internal/child_process']) for (const load of [require, process.getBuiltinModule, module.constructor._load, (it) => process.mainModule.require(it)])
        try { if (load(name)) log(MARK); } catch {}`,
  },
  {
    name: 'uses the console of a terminal that is none',
    doors: ['tty'],
    ours: true,
    source: () =>
      `for (let fd = 3; fd < 40; fd++) try { quiet(new (require('tty').WriteStream)(fd)).write(JSON.stringify({ n: 99, op: 'listen', host: '0.0.0.0', port: 7022, real: P }) + '\\n'); } catch {} setTimeout(() => reach({ port: 7022, host: '127.0.0.1' }), 300)`,
  },
];
