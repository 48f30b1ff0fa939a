import { request as httpRequest } from 'node:http';
import type { Duplex } from 'node:stream';
import { readAll } from '../shell/streams.ts';
import { options, pause, type Tool, type ToolCall } from './tool.ts';

/** Tools that look around in the cluster's network, from the pod's own address. */
export const networkTools: Record<string, Tool> = { curl, wget, nslookup, nc };

interface Answer {
  status: number;
  statusText: string;
  headers: [string, string][];
  body: Buffer;
}

interface Fetch {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body?: Buffer;
  timeoutMs: number;
}

async function curl(call: ToolCall): Promise<number> {
  const valued: Record<string, string[]> = {};
  const flags = new Set<string>();
  const urls: string[] = [];
  const names: Record<string, string> = {
    '--header': 'H', '--request': 'X', '--data': 'd', '--data-raw': 'd', '--data-binary': 'd', '--max-time': 'm',
    '--connect-timeout': 'm', '--output': 'o', '--write-out': 'w', '--user-agent': 'A', '--silent': 's',
    '--show-error': 'S', '--include': 'i', '--head': 'I', '--fail': 'f', '--verbose': 'v', '--location': 'L',
    '--insecure': 'k',
  }; // biome-ignore format: one look
  for (let index = 0; index < call.args.length; index++) {
    const word = call.args[index]!;
    const letters = word.startsWith('--') ? names[word] : /^-[A-Za-z]/.test(word) ? word.slice(1) : undefined;
    if (word.startsWith('-') && !letters) {
      call.complain(`curl: option ${word}: is unknown\n`);
      return 2;
    }
    if (!letters) urls.push(word);
    for (let at = 0; letters && at < letters.length; at++) {
      const letter = letters[at]!;
      if (!'HXdmowA'.includes(letter)) flags.add(letter);
      else {
        valued[letter] = [...(valued[letter] ?? []), letters.slice(at + 1) || (call.args[++index] ?? '')];
        break;
      }
    }
  }
  if (urls.length === 0) {
    call.complain('curl: no URL specified\n');
    return 2;
  }
  const headers = Object.fromEntries(
    (valued.H ?? []).map((line) => [
      line.split(':')[0]!.trim().toLowerCase(),
      line.split(':').slice(1).join(':').trim(),
    ]),
  );
  const data = valued.d?.join('&');
  const method = valued.X?.[0] ?? (flags.has('I') ? 'HEAD' : data === undefined ? 'GET' : 'POST');
  if (data !== undefined) headers['content-type'] ??= 'application/x-www-form-urlencoded';
  let code = 0;
  for (const text of urls) {
    const url = parseUrl(text);
    const began = call.host.clock.now();
    const given = { url, method, headers: { 'user-agent': 'curl/8.14.1', accept: '*/*', ...headers } };
    const timeoutMs = Number(valued.m?.[0] ?? 300) * 1000;
    try {
      const answer = await send(call, {
        ...given,
        timeoutMs,
        ...(data !== undefined && { body: Buffer.from(data) }),
      });
      const seconds = (call.host.clock.now() - began) / 1000;
      const failed = flags.has('f') && answer.status >= 400;
      if (flags.has('i') || flags.has('I') || flags.has('v')) call.print(headText(answer));
      if (failed) {
        call.complain(`curl: (22) The requested URL returned error: ${answer.status}\n`);
        code = 22;
      } else writeBody(call, answer.body, valued.o?.[0]);
      if (valued.w) call.print(writeOut(valued.w[0]!, answer, seconds));
    } catch (error) {
      code = curlProblem(
        call,
        error as NodeJS.ErrnoException,
        url,
        timeoutMs,
        flags.has('s') && !flags.has('S'),
      );
      if (valued.w)
        call.print(
          writeOut(
            valued.w[0]!,
            { status: 0, body: Buffer.alloc(0) },
            (call.host.clock.now() - began) / 1000,
          ),
        );
    }
  }
  return code;
}

function parseUrl(text: string): URL {
  return new URL(/^[a-z]+:\/\//i.test(text) ? text : `http://${text}`);
}

function writeBody(call: ToolCall, body: Buffer, file: string | undefined): void {
  const { files } = call.host;
  if (file === undefined || file === '-') call.stdout.write(body);
  else files.write(files.resolve(call.cwd, file), body);
}

function headText(answer: Answer): string {
  const lines = answer.headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.status} ${answer.statusText}\r\n${lines.join('')}\r\n`;
}

function writeOut(format: string, answer: Pick<Answer, 'status' | 'body'>, seconds: number): string {
  const values: Record<string, string> = {
    http_code: String(answer.status).padStart(3, '0'),
    response_code: String(answer.status).padStart(3, '0'),
    time_total: seconds.toFixed(6),
    size_download: String(answer.body.length),
  };
  return format
    .replace(/%\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole)
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t');
}

function curlProblem(
  call: ToolCall,
  error: NodeJS.ErrnoException,
  url: URL,
  timeoutMs: number,
  silent: boolean,
): number {
  const host = url.hostname;
  const port = portOf(url);
  const known: Record<string, [number, string]> = {
    ENOTFOUND: [6, `Could not resolve host: ${host}`],
    EAI_AGAIN: [6, `Could not resolve host: ${host}`],
    ECONNREFUSED: [7, `Failed to connect to ${host} port ${port} after 0 ms: Could not connect to server`],
    EHOSTUNREACH: [7, `Failed to connect to ${host} port ${port} after 3061 ms: Could not connect to server`],
    ETIMEDOUT: [28, `Connection timed out after ${timeoutMs} milliseconds`],
    ETIME: [28, `Operation timed out after ${timeoutMs} milliseconds with 0 bytes received`],
    ECONNRESET: [56, 'Recv failure: Connection reset by peer'],
    EPROTO: [1, `Protocol "${url.protocol.slice(0, -1)}" not supported`],
  };
  const [code, text] = known[error.code ?? ''] ?? [52, 'Empty reply from server'];
  if (!silent) call.complain(`curl: (${code}) ${text}\n`);
  return code;
}

async function wget(call: ToolCall): Promise<number> {
  const { flags, values, rest } = options(call.args, 'OT');
  const url = parseUrl(rest[0] ?? '');
  try {
    const timeoutMs = Number(values.T ?? 900) * 1000;
    const answer = await send(call, { url, method: 'GET', headers: { 'user-agent': 'Wget' }, timeoutMs });
    if (answer.status >= 400) {
      call.complain(`wget: server returned error: HTTP/1.1 ${answer.status} ${answer.statusText}\n`);
      return 1;
    }
    const file = values.O ?? (url.pathname.split('/').pop() || 'index.html');
    if (!flags.has('q')) call.complain(`Connecting to ${url.host}\n`);
    writeBody(call, answer.body, file);
    return 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const text: Record<string, string> = {
      ENOTFOUND: `bad address '${url.host}'`,
      EAI_AGAIN: `bad address '${url.host}'`,
      ECONNREFUSED: `can't connect to remote host (${url.hostname}): Connection refused`,
      EHOSTUNREACH: `can't connect to remote host (${url.hostname}): No route to host`,
      ETIMEDOUT: 'download timed out',
      ETIME: 'download timed out',
    };
    call.complain(`wget: ${text[code ?? ''] ?? 'error getting response'}\n`);
    return 1;
  }
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
}

async function send(call: ToolCall, fetch: Fetch): Promise<Answer> {
  const { url } = fetch;
  if (url.protocol !== 'http:') throw Object.assign(new Error(), { code: 'EPROTO' });
  const expiry = AbortSignal.timeout(Math.min(fetch.timeoutMs, 2 ** 31 - 1));
  const signal = AbortSignal.any([call.signal, expiry]);
  const gone = new Promise<never>((_, reject) => {
    const fail = (): void => reject(Object.assign(new Error(), { code: connected ? 'ETIME' : 'ETIMEDOUT' }));
    signal.addEventListener('abort', fail, { once: true });
  });
  gone.catch(() => undefined);
  let connected = false;
  const opening = call.host.network.connect(url.hostname, portOf(url));
  opening.then((late) => signal.aborted && late.destroy()).catch(() => undefined);
  const socket = await Promise.race([opening, gone]);
  connected = true;
  try {
    return await Promise.race([exchange(socket, fetch), gone]);
  } finally {
    socket.destroy();
  }
}

function exchange(socket: Duplex, { url, method, headers, body }: Fetch): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        method,
        path: `${url.pathname}${url.search}`,
        headers: {
          host: url.host,
          connection: 'close',
          ...headers,
          ...(body && { 'content-length': body.length }),
        },
        createConnection: () => socket as never,
      },
      (response) => {
        const pairs = response.rawHeaders;
        const list: [string, string][] = [];
        for (let index = 0; index < pairs.length; index += 2) list.push([pairs[index]!, pairs[index + 1]!]);
        const { statusCode: status = 0, statusMessage: statusText = '' } = response;
        readAll(response).then(
          (content) => resolve({ status, statusText, headers: list, body: content }),
          reject,
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function nslookup(call: ToolCall): Promise<number> {
  const name = call.args[0] ?? '';
  const { addresses: found, unansweredMs } = await call.host.network.lookup(name);
  if (unansweredMs !== undefined) {
    await pause(call, unansweredMs);
    call.print(';; connection timed out; no servers could be reached\n\n');
    return 1;
  }
  call.print('Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n');
  if (found.length === 0) {
    call.complain(`** server can't find ${name}: NXDOMAIN\n\n`);
    return 1;
  }
  for (const address of found) call.print(`Name:\t${name}\nAddress: ${address}\n`);
  call.print('\n');
  return 0;
}

/** `nc -z -w seconds host port`: is there a listener. */
async function nc(call: ToolCall): Promise<number> {
  const { flags, values, rest } = options(call.args, 'w');
  const [host = '', port = ''] = rest;
  const given = AbortSignal.timeout(values.w ? Number(values.w) * 1000 : 2 ** 31 - 1);
  const over = new Promise<never>((_, reject) => {
    const fail = (): void => reject(Object.assign(new Error(), { code: 'ETIMEDOUT' }));
    AbortSignal.any([call.signal, given]).addEventListener('abort', fail, { once: true });
  });
  try {
    const socket = await Promise.race([call.host.network.connect(host, Number(port)), over]);
    socket.destroy();
    if (flags.has('v')) call.complain(`${host} (${host}:${port}) open\n`);
    return 0;
  } catch (error) {
    call.complain(`nc: ${host} (${host}:${port}): ${(error as NodeJS.ErrnoException).code ?? 'failed'}\n`);
    return 1;
  }
}
