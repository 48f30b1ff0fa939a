import { posix } from 'node:path';
import { FileProblem, MAX_FILE_BYTES } from '../files.ts';
import { BLOCK, padding, printEntry } from '../tar/header.ts';
import { type ReadEntry, readArchive } from '../tar/read.ts';
import type { Tool, ToolCall } from './tool.ts';

/** `kubectl cp` runs it: `tar cf - path` to fetch, `tar -xmf - -C folder` to bring. */
export const archiveTools: Record<string, Tool> = { tar };

const CHUNK_BYTES = 32 * 1024;

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
    if (wanted.action === 'c') return create(call, wanted);
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

function create(call: ToolCall, { archive, folder, names, verbose }: Wanted): number {
  const { files } = call.host;
  let code = 0;
  let stripped = false;
  const parts: Buffer[] = [];
  const put = (bytes: Buffer): void => {
    if (archive !== '-') return void parts.push(bytes);
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
      call.stdout.write(bytes.subarray(at, at + CHUNK_BYTES));
  };
  const add = (path: string, shown: string): void => {
    try {
      const target = files.linkTarget(path);
      const info = target === undefined ? files.stat(path) : undefined;
      const type = target !== undefined ? 'link' : info!.isDirectory() ? 'folder' : 'file';
      const content = type === 'file' ? files.read(path) : Buffer.alloc(0);
      const mode = type === 'link' ? 0o777 : info!.mode & 0o777;
      const mtime = Math.floor((info?.mtimeMs ?? 0) / 1000);
      const name = type === 'folder' && !shown.endsWith('/') ? `${shown}/` : shown;
      put(printEntry({ name, type, mode, size: content.length, mtime, target: target ?? '' }));
      if (content.length > 0) put(Buffer.concat([content, padding(content.length)]));
      if (verbose) call.complain(`${name}\n`);
      if (type !== 'folder') return;
      for (const entry of files.list(path)) add(posix.join(path, entry), posix.join(shown, entry));
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
    add(path, posix.normalize(given).replace(/^(\.\.\/|\/)+/, '') || '.');
  }
  put(Buffer.alloc(2 * BLOCK));
  if (archive !== '-') files.write(files.resolve(call.cwd, archive), Buffer.concat(parts));
  if (code !== 0) call.complain('tar: Exiting with failure status due to previous errors\n');
  return code;
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
  if (entry.type === 'folder') return files.makeFolder(path, true);
  files.makeFolder(posix.dirname(path), true);
  if (entry.type === 'link') files.makeLink(path, entry.target);
  else if (entry.type === 'hardlink')
    files.copy(files.resolve(folder, entry.target.replace(/^\/+/, '')), path);
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
