import { posix } from 'node:path';
import { FileProblem } from '../files.ts';
import { matchPattern } from '../shell/pattern.ts';
import { options, type Tool, type ToolCall } from './tool.ts';

/** Tools that look at and change files. */
export const fileTools: Record<string, Tool> = {
  ls,
  touch: each('touch', ({ files, path }) => files.touch(path)),
  mkdir: each(
    'mkdir',
    ({ files, path, flags }) => files.makeFolder(path, flags.has('p')),
    "can't create directory",
  ),
  rmdir: each('rmdir', ({ files, path }) => files.remove(path, { folder: true })),
  rm: each('rm', removeOne, "can't remove"),
  cp: copyOrMove('cp'),
  mv: copyOrMove('mv'),
  find,
  stat: each('stat', ({ files, path, call }) => {
    const info = files.stat(path);
    call.print(
      `  File: ${path}\n  Size: ${info.size}\tType: ${info.isDirectory() ? 'directory' : 'regular file'}\n`,
    );
  }),
  du: each('du', ({ files, path, call }) =>
    call.print(`${Math.ceil(sizeOf(call, files.resolve('/', path)) / 1024)}\t${path}\n`),
  ),
};

interface One {
  files: ToolCall['host']['files'];
  path: string;
  flags: Set<string>;
  call: ToolCall;
}

function each(tool: string, action: (one: One) => void, verb = "can't do"): Tool {
  return (call) => {
    const { flags, rest } = options(call.args);
    const { files } = call.host;
    if (rest.length === 0) {
      call.complain(`${tool}: missing operand\n`);
      return 1;
    }
    let code = 0;
    for (const name of rest) {
      try {
        action({ files, path: files.resolve(call.cwd, name), flags, call });
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error;
        call.complain(`${tool}: ${verb} '${name}': ${error.message}\n`);
        code = 1;
      }
    }
    return code;
  };
}

function removeOne({ files, path, flags }: One): void {
  if (flags.has('f') && !files.exists(path)) return;
  if (path === '/' && flags.has('r')) {
    for (const name of files.list('/')) {
      try {
        files.remove(`/${name}`, { recursive: true });
      } catch (error) {
        if (!(error instanceof FileProblem)) throw error;
      }
    }
    return;
  }
  files.remove(path, { recursive: flags.has('r') || flags.has('R') });
}

function copyOrMove(tool: 'cp' | 'mv'): Tool {
  return (call) => {
    const { flags, rest } = options(call.args);
    const { files } = call.host;
    const target = rest.pop();
    if (!target || rest.length === 0) {
      call.complain(`${tool}: missing file operand\n`);
      return 1;
    }
    const to = files.resolve(call.cwd, target);
    try {
      const intoFolder = files.exists(to) && files.stat(to).isDirectory();
      for (const name of rest) {
        const from = files.resolve(call.cwd, name);
        copyTree(
          call,
          from,
          intoFolder ? posix.join(to, posix.basename(from)) : to,
          tool === 'mv' || flags.has('r') || flags.has('a'),
        );
        if (tool === 'mv') files.remove(from, { recursive: true });
      }
      return 0;
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      call.complain(`${tool}: can't ${tool === 'cp' ? 'copy' : 'rename'} '${rest[0]}': ${error.message}\n`);
      return 1;
    }
  };
}

function copyTree(call: ToolCall, from: string, to: string, recursive: boolean): void {
  const { files } = call.host;
  if (!files.stat(from).isDirectory()) return files.copy(from, to);
  if (!recursive || to === from || to.startsWith(`${from}/`))
    throw new FileProblem('EISDIR', 'Is a directory');
  if (!files.exists(to)) files.makeFolder(to, false);
  for (const name of files.list(from)) {
    const [source, copy] = [posix.join(from, name), posix.join(to, name)];
    const target = files.linkTarget(source);
    if (target === undefined) copyTree(call, source, copy, true);
    else files.makeLink(copy, target);
  }
}

function ls(call: ToolCall): number {
  const { flags, rest } = options(call.args);
  const { files } = call.host;
  const names = rest.length > 0 ? rest : ['.'];
  let code = 0;
  for (const [index, name] of names.entries()) {
    const path = files.resolve(call.cwd, name);
    try {
      if (!files.stat(path).isDirectory() || flags.has('d')) {
        call.print(`${flags.has('l') ? `${longLine(call, path)} ` : ''}${name}\n`);
        continue;
      }
      if (names.length > 1) call.print(`${index > 0 ? '\n' : ''}${name}:\n`);
      const hidden = flags.has('a') || flags.has('A');
      const shown = files.list(path).filter((entry) => hidden || !entry.startsWith('.'));
      if (flags.has('l')) call.print(`total ${shown.length}\n`);
      for (const entry of flags.has('a') ? ['.', '..', ...shown] : shown) {
        call.print(`${flags.has('l') ? `${longLine(call, posix.join(path, entry))} ` : ''}${entry}\n`);
      }
    } catch (error) {
      if (!(error instanceof FileProblem)) throw error;
      call.complain(`ls: ${name}: ${error.message}\n`);
      code = 1;
    }
  }
  return code;
}

function longLine(call: ToolCall, path: string): string {
  const { files } = call.host;
  if (!files.exists(path)) return 'l????????? 1 root root        0 Jan  1 00:00';
  const info = files.stat(path);
  const letters = ['---', '--x', '-w-', '-wx', 'r--', 'r-x', 'rw-', 'rwx'];
  const mode = [6, 3, 0].map((shift) => letters[(info.mode >> shift) & 7]).join('');
  const [, month, day, , time] = parts(info.mtime);
  const kind = info.isDirectory() ? 'd' : '-';
  return `${kind}${mode} ${info.nlink} root root ${String(info.size).padStart(8)} ${month} ${day} ${time}`;
}

function parts(date: Date): string[] {
  const [week = '', day = '', month = '', year = '', time = ''] = date
    .toUTCString()
    .replace(',', '')
    .split(' ');
  return [week, month, day.replace(/^0/, ' '), year, time.slice(0, 5)];
}

function sizeOf(call: ToolCall, path: string): number {
  const { files } = call.host;
  // What a link leads to is counted where it is.
  if (files.linkTarget(path) !== undefined) return 0;
  const info = files.stat(path);
  if (!info.isDirectory()) return info.size;
  return files.list(path).reduce((sum, name) => sum + sizeOf(call, posix.join(path, name)), 4096);
}

function find(call: ToolCall): number {
  const { files } = call.host;
  const start = call.args[0]?.startsWith('-') === false ? call.args[0] : '.';
  const at = call.args.indexOf('-name');
  const pattern = at >= 0 ? (call.args[at + 1] ?? '') : '*';
  const type = call.args[call.args.indexOf('-type') + 1];
  // A link is shown and not followed: it may lead back to a folder above it.
  const visit = (path: string, shown: string): void => {
    const link = files.linkTarget(path) !== undefined;
    if (!link && !files.exists(path)) return;
    const folder = !link && files.stat(path).isDirectory();
    const wanted = !call.args.includes('-type') || type === (link ? 'l' : folder ? 'd' : 'f');
    if (wanted && matchPattern(pattern, posix.basename(path))) call.print(`${shown}\n`);
    if (folder)
      for (const name of files.list(path))
        visit(posix.join(path, name), `${shown === '/' ? '' : shown}/${name}`);
  };
  const path = files.resolve(call.cwd, start);
  if (!files.exists(path)) {
    call.complain(`find: ${start}: No such file or directory\n`);
    return 1;
  }
  visit(path, start);
  return 0;
}
