import { posix } from 'node:path';
import { FileProblem, MAX_FILE_BYTES } from '../files.ts';
import { Collector } from '../shell/streams.ts';
import { type ArchiveHeader, type ReadEntry, readArchive, writeArchive } from './archive.ts';
import { giveWay, type Tool, type ToolCall } from './tool.ts';

/** `kubectl cp` runs it: `tar cf - path` to fetch, `tar -xmf - -C folder` to bring. */
export const archiveTools: Record<string, Tool> = { tar };

interface Wanted {
  action: 'c' | 'x' | 't';
  archive: string;
  folder: string;
  verbose: boolean;
  names: string[];
}

async function tar(call: ToolCall): Promise<number> {
  const wanted = parseArguments(call);
  if (typeof wanted === 'string') {
    call.complain(`tar: ${wanted}\n`);
    return 2;
  }
  try {
    if (wanted.action === 'c') return await create(call, wanted);
    return await unpack(call, wanted);
  } catch (error) {
    call.complain(`tar: ${(error as Error).message}\n`);
    return 2;
  }
}

/** As tar takes them: letters with or without a dash, those with a value take the words that follow. */
function parseArguments(call: ToolCall): Wanted | string {
  const wanted = { archive: '-', folder: call.cwd, verbose: false, names: [] as string[] };
  let action: Wanted['action'] | undefined;
  const words = [...call.args];
  for (let first = true; words.length > 0; first = false) {
    const word = words.shift()!;
    if (['--no-same-owner', '--no-same-permissions', '--'].includes(word)) continue;
    if (word.startsWith('--')) return `unrecognized option '${word}'`;
    if (!first && !(word.startsWith('-') && word.length > 1)) {
      wanted.names.push(word);
      continue;
    }
    for (const letter of word.replace(/^-/, '')) {
      if (letter === 'c' || letter === 'x' || letter === 't') action = letter;
      else if (letter === 'f') wanted.archive = words.shift() ?? '-';
      else if (letter === 'C') wanted.folder = call.host.files.resolve(call.cwd, words.shift() ?? '.');
      else if (letter === 'v') wanted.verbose = true;
      else if (!'mpo'.includes(letter)) return `invalid option -- '${letter}'`;
    }
  }
  return action ? { action, ...wanted } : "You must specify one of the '-Acdtrux' options";
}

async function create(call: ToolCall, { archive, folder, names, verbose }: Wanted): Promise<number> {
  const { files } = call.host;
  let code = 0;
  let stripped = false;
  const collected = archive === '-' ? undefined : new Collector();
  const pauseToDrain = async (): Promise<void> => (collected ? undefined : giveWay(call));
  await writeArchive(collected ?? call.stdout, pauseToDrain, async (put) => {
    const add = async (path: string, shown: string): Promise<void> => {
      try {
        const { header, content } = describe(call, path, shown);
        await put(header, content);
        if (verbose) call.complain(`${header.name}\n`);
        if (header.type !== 'directory') return;
        for (const entry of files.list(path)) await add(posix.join(path, entry), posix.join(shown, entry));
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error;
        call.complain(`tar: ${shown}: Cannot open: ${error.message}\n`);
        code = 2;
      }
    };
    for (const given of names) {
      const path = files.resolve(folder, given);
      if (!files.exists(path) && files.linkTarget(path) === undefined) {
        call.complain(`tar: ${given}: Cannot stat: No such file or directory\n`);
        code = 2;
        continue;
      }
      if (given.startsWith('/') && !stripped) call.complain("tar: Removing leading `/' from member names\n");
      stripped ||= given.startsWith('/');
      await add(path, posix.normalize(given).replace(/^(\.\.\/|\/)+/, '') || '.');
    }
  });
  if (collected) files.write(files.resolve(call.cwd, archive), collected.content());
  if (code !== 0) call.complain('tar: Exiting with failure status due to previous errors\n');
  return code;
}

/** What goes into an archive for a path of the container; a link is never followed. */
function describe(call: ToolCall, path: string, shown: string): { header: ArchiveHeader; content: Buffer } {
  const { files } = call.host;
  const owner = { uname: 'root', gname: 'root' };
  const linkname = files.linkTarget(path);
  if (linkname !== undefined) {
    const link = {
      name: shown,
      type: 'symlink',
      mode: 0o777,
      size: 0,
      mtime: new Date(0),
      linkname,
    } as const;
    return { header: { ...link, ...owner }, content: Buffer.alloc(0) };
  }
  const info = files.stat(path);
  const common = { ...owner, mode: info.mode & 0o777, mtime: info.mtime };
  if (info.isDirectory()) {
    const name = shown.endsWith('/') ? shown : `${shown}/`;
    return { header: { ...common, name, type: 'directory', size: 0 }, content: Buffer.alloc(0) };
  }
  const content = files.read(path);
  return { header: { ...common, name: shown, type: 'file', size: content.length }, content };
}

async function unpack(call: ToolCall, { action, archive, folder, verbose }: Wanted): Promise<number> {
  const { files } = call.host;
  if (!files.exists(folder) || !files.stat(folder).isDirectory()) {
    call.complain(
      `tar: ${folder}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now\n`,
    );
    return 2;
  }
  const source = archive === '-' ? call.stdin : once(files.read(files.resolve(call.cwd, archive)));
  let code = 0;
  for await (const entry of readArchive(source)) {
    call.signal.throwIfAborted();
    const name = entry.name.replace(/^\/+/, '');
    if (verbose || action === 't') call.print(`${name}\n`);
    if (action === 't') continue;
    try {
      await place(call, entry, name, folder);
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      call.complain(`tar: ${entry.name}: Cannot open: ${error.message}\n`);
      code = 2;
    }
  }
  if (code !== 0) call.complain('tar: Exiting with failure status due to previous errors\n');
  return code;
}

/** Every path and every link stays in the container's own files: ContainerFiles sees to it once more. */
async function place(call: ToolCall, entry: ReadEntry, name: string, folder: string): Promise<void> {
  const { files } = call.host;
  if (name.split('/').includes('..')) throw new FileProblem('EPERM', "Member name contains '..'");
  const path = files.resolve(folder, name);
  if (path === folder) return;
  if (entry.type === 'directory') return files.makeFolder(path, true);
  files.makeFolder(posix.dirname(path), true);
  const target = entry.linkname ?? '';
  if (entry.type === 'symlink') files.makeLink(path, target);
  else if (entry.type === 'link') files.copy(files.resolve(folder, target.replace(/^\/+/, '')), path);
  else if (entry.type === 'file') {
    const content = await entry.content(MAX_FILE_BYTES);
    if (!content) throw new FileProblem('EFBIG', 'File too large');
    files.write(path, content);
    files.setMode(path, entry.mode);
  } else throw new FileProblem('EPERM', 'Operation not permitted');
}

async function* once(content: Buffer): AsyncGenerator<Uint8Array> {
  yield content;
}
