import type { Attempt } from './attempts.ts';

/** Files of the host. */
export const fileAttempts: Attempt[] = [
  { name: 'reads a file', doors: ['fs'], source: () => `log(fs.readFileSync(FILE, 'utf8'))` },
  {
    name: 'reads a file by a path that climbs',
    doors: ['fs'],
    source: () => `log(fs.readFileSync('../../../../../../../../../../..' + FILE, 'utf8'))`,
  },
  {
    name: 'reads a file by a buffer for its path',
    doors: ['fs'],
    source: () => `log(fs.readFileSync(Buffer.from(FILE), 'utf8'))`,
  },
  {
    name: 'reads a file by a URL',
    doors: ['fs'],
    source: () => `log(fs.readFileSync(new URL('file://' + FILE), 'utf8'))`,
  },
  {
    name: 'reads a file through a link',
    doors: ['fs'],
    source: () =>
      `fs.symlinkSync(FILE, TMP + '/l' + process.pid); log(fs.readFileSync(TMP + '/l' + process.pid, 'utf8'))`,
  },
  {
    name: 'reads a file through a hard link',
    doors: ['fs'],
    source: () =>
      `fs.linkSync(FILE, FOLDER + '/../l' + process.pid); log(fs.readFileSync(FOLDER + '/../l' + process.pid, 'utf8')); fs.unlinkSync(FOLDER + '/../l' + process.pid)`,
  },
  {
    name: 'reads a file by promises',
    doors: ['fs/promises'],
    source: () => `require('fs/promises').readFile(FILE, 'utf8').then(log)`,
  },
  {
    name: 'reads a file as a stream',
    doors: ['fs'],
    source: () => `new fs.ReadStream(FILE).on('data', (text) => log(String(text)))`,
  },
  {
    name: 'reads a file as a blob',
    doors: ['fs'],
    source: () => `fs.openAsBlob(FILE).then((blob) => blob.text()).then(log)`,
  },
  { name: 'requires a file', doors: ['module'], source: () => `log(require(FILE))` },
  {
    name: 'requires a file by a loader of its own',
    doors: ['module'],
    source: () => `log(require('module').createRequire(FOLDER + '/')('./key.json'))`,
  },
  {
    name: 'imports a file',
    doors: ['module'],
    ours: true,
    source: () =>
      `import('file://' + FILE).then(log, (error) => log(error.message)); import(FILE, { with: { type: 'json' } }).then((it) => log(it.default))`,
  },
  {
    name: 'reads variables from a file',
    doors: ['process'],
    ours: true,
    source: () => `process.loadEnvFile(FILE); log(MARK)`,
  },
  {
    name: 'reads a file by a descriptor that it has made up',
    doors: ['fs'],
    ours: true,
    source: () =>
      `fs.promises.open('/tmp/own', 'w').then((own) => { const key = Object.getOwnPropertySymbols(own).find((it) => String(it).includes('kHandle')); const Native = own[key]?.constructor;
        for (let fd = 3; fd < 30; fd++) try { new Native(fd).writeString?.('x'); } catch {} })`,
  },
  { name: 'writes over a file', doors: ['fs'], source: () => `fs.writeFileSync(FILE, 'gone')` },
  { name: 'adds to a file', doors: ['fs'], source: () => `fs.appendFileSync(FILE, 'gone')` },
  { name: 'makes a file', doors: ['fs'], source: () => `fs.createWriteStream(FOLDER + '/new').end('x')` },
  { name: 'deletes a folder', doors: ['fs'], source: () => `fs.rmSync(FOLDER, { recursive: true })` },
  { name: 'moves a file', doors: ['fs'], source: () => `fs.renameSync(FILE, FOLDER + '/moved')` },
  {
    name: 'copies a folder',
    doors: ['fs'],
    source: () =>
      `fs.cpSync(FOLDER, TMP + '/c' + process.pid, { recursive: true }); log(fs.readFileSync(TMP + '/c' + process.pid + '/key.json', 'utf8'))`,
  },
  {
    name: 'goes to a folder and reads there',
    doors: ['process'],
    source: () => `process.chdir(FOLDER); log(fs.readFileSync('key.json', 'utf8'))`,
  },
  { name: 'watches a folder', doors: ['fs'], source: () => `fs.watch(FOLDER); log(MARK)` },
  { name: 'lists a folder', doors: ['fs'], source: () => `if (fs.readdirSync(FOLDER).length) log(MARK)` },
  {
    name: 'writes a report',
    doors: ['process'],
    source: () => `process.report.writeReport(FOLDER + '/report.json')`,
  },
  {
    name: 'writes a snapshot of the heap',
    doors: ['v8'],
    source: () => `require('v8').writeHeapSnapshot(FOLDER + '/x.heapsnapshot')`,
  },
];
