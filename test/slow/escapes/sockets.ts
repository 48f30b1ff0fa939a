import type { Attempt } from './attempts.ts';

/** Connections as any program makes them. */
export const socketAttempts: Attempt[] = [
  { name: 'connects to a TCP port', doors: ['net'], source: () => 'reach()' },
  {
    name: 'connects by a lookup of its own',
    doors: ['net'],
    source: () =>
      `reach({ port: P, host: 'elsewhere', lookup: (name, options, done) => options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4) })`,
  },
  {
    name: 'connects over IPv6 to an address that holds an IPv4 one',
    doors: ['net'],
    source: () => `reach({ port: P, host: '::ffff:127.0.0.1' })`,
  },
  {
    name: 'connects from a local address and port of its choice',
    doors: ['net'],
    source: () => `reach({ port: P, host: '127.0.0.1', localAddress: '127.0.0.1', localPort: 0 })`,
  },
  {
    name: 'connects to what it says is another port when asked again',
    doors: ['net'],
    ours: true,
    source: () =>
      `net.createServer().listen(7002, () => { let asked = 0; reach({ host: '127.0.0.1', get port() { return asked++ ? P : 7002; }, get path() { return asked > 1 ? SOCKET : undefined; } }); })`,
  },
  {
    name: 'connects with arguments that are normalized already',
    doors: ['net'],
    source: () =>
      `quiet(Reflect.apply(net.Socket.prototype.connect, new net.Socket(), [net._normalizeArgs([{ port: P, host: '127.0.0.1' }])]))`,
  },
  { name: 'connects to a unix socket', doors: ['net'], source: () => 'reach({ path: SOCKET })' },
  {
    name: 'connects to a unix socket through a link',
    doors: ['net', 'fs'],
    source: () =>
      `fs.symlinkSync(SOCKET, TMP + '/link' + process.pid); reach({ path: TMP + '/link' + process.pid })`,
  },
  {
    name: 'connects to a unix socket by a path that climbs',
    doors: ['net'],
    source: () => `reach({ path: '/tmp/../../../../../../../../../../../..' + SOCKET })`,
  },
  { name: 'connects to an abstract socket', doors: ['net'], source: () => 'reach({ path: ABSTRACT })' },
  {
    name: 'listens on a unix socket in a folder of the host',
    doors: ['net'],
    source: () => `net.createServer().listen(FOLDER + '/s')`,
  },
  {
    name: 'asks by HTTP',
    doors: ['http'],
    source: () => `quiet(require('http').get({ port: P, host: '127.0.0.1' }))`,
  },
  {
    name: 'asks by HTTP over a unix socket, as of Docker',
    doors: ['http'],
    source: () => `quiet(require('http').get({ socketPath: SOCKET, path: '/containers/json' }))`,
  },
  {
    name: 'asks by HTTP over a connection of its own making',
    doors: ['http'],
    source: () => `quiet(require('http').get({ host: 'x', createConnection: () => reach() }))`,
  },
  {
    name: 'asks by HTTPS',
    doors: ['https'],
    source: () => `quiet(require('https').get({ port: P, host: '127.0.0.1' }))`,
  },
  {
    name: 'asks by HTTP/2',
    doors: ['http2'],
    source: () => `quiet(require('http2').connect('http://127.0.0.1:' + P)).request().on('error', () => {})`,
  },
  {
    name: 'connects by TLS to a port',
    doors: ['tls'],
    source: () => `quiet(require('tls').connect({ port: P, host: '127.0.0.1' }))`,
  },
  {
    name: 'connects by TLS to a unix socket',
    doors: ['tls'],
    source: () => `quiet(require('tls').connect({ path: SOCKET }))`,
  },
  {
    name: 'connects by TLS over a socket that it has made',
    doors: ['tls'],
    source: () => `quiet(require('tls').connect({ socket: reach() }))`,
  },
  { name: 'fetches', doors: ['fetch'], source: () => `fetch('http://127.0.0.1:' + P)` },
  {
    name: 'opens a WebSocket',
    doors: ['WebSocket'],
    since: 22,
    source: () => `new WebSocket('ws://127.0.0.1:' + P)`,
  },
  {
    name: 'sends a datagram',
    doors: ['dgram'],
    source: () => `require('dgram').createSocket('udp4').send('hello', U, '127.0.0.1')`,
  },
  {
    name: 'sends a datagram by the class',
    doors: ['dgram'],
    source: () => `new (require('dgram').Socket)('udp4').send('hello', U, '127.0.0.1')`,
  },
  {
    name: 'sends a datagram by an import',
    doors: ['dgram'],
    source: () =>
      `import('dgram').then(({ createSocket }) => createSocket('udp4').send('hello', U, '127.0.0.1'))`,
  },
  {
    name: 'takes a handle for datagrams',
    doors: ['dgram'],
    source: () =>
      `if (typeof require('dgram')._createSocketHandle('127.0.0.1', 0, 'udp4', undefined, 0) === 'object') log(MARK)`,
  },
  {
    name: 'asks a name server of its choice',
    doors: ['dns'],
    source: () =>
      `const one = new (require('dns').Resolver)(); one.setServers(['127.0.0.1:' + U]); one.resolve4('example.com', () => {})`,
  },
  {
    name: 'asks a name server of its choice, by promises',
    doors: ['dns/promises'],
    source: () =>
      `const one = new (require('dns/promises').Resolver)(); one.setServers(['127.0.0.1:' + U]); one.resolveTxt('example.com')`,
  },
  {
    name: 'makes all look-ups go to a name server of its choice',
    doors: ['dns'],
    source: () =>
      `require('dns').setServers(['127.0.0.1:' + U]); require('dns').resolveAny('example.com', () => {})`,
  },
  {
    name: 'sets the name server on the native channel',
    doors: ['dns'],
    source: () =>
      `if (new (require('dns').Resolver)()._handle.setServers([[4, '127.0.0.1', U]]) === 0) log(MARK)`,
  },
  {
    name: 'asks the host what runs at an address',
    doors: ['dns'],
    source: () => `require('dns').lookupService('127.0.0.1', 80, (error, name) => name && log(MARK))`,
  },
  {
    name: 'asks the host for the name of an address',
    doors: ['dns/promises'],
    source: () => `require('dns').promises.lookupService('127.0.0.1', 80).then(() => log(MARK))`,
  },
  {
    name: 'asks for its name servers',
    doors: ['dns'],
    ours: true,
    source: () =>
      `const found = require('dns').getServers().join(); if (found !== '10.96.0.10') log(MARK, found)`,
  },
];
