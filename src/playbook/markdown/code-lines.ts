/** A command of a block of code. */
export interface CodeLine {
  text: string;
  /** The comment above it. */
  comment?: string;
  /** Counted from the first line of the block's text, 0-based. */
  line: number;
}

export interface CodeLines {
  lines: CodeLine[];
  /** Lines that show what a command printed. */
  output: number[];
}

const shells = /^(sh|shell|bash|zsh|console|shell-session|shellsession|sh-session|terminal|ksh)$/i;

/** Programs that such blocks call beside kubectl; any word may be one where the block says that it is shell. */
const programs =
  /^(kubectl|oc|misfortune|curl|wget|ssh|systemctl|journalctl|etcdctl|helm|docker|podman|crictl|dig|nslookup|ping|promtool|amtool|aws|gcloud|az|psql|mysql|redis-cli|istioctl|linkerd|stern|argocd|flux|openssl|velero|sudo|export|watch|for|while)$/;

/** The commands in a block of code; undefined: it is something else (YAML, PromQL, what a command prints). */
export function codeLines(value: string, lang: string | null | undefined): CodeLines | undefined {
  const isShell = shells.test(lang ?? '');
  if (lang && !isShell && !/^(text|plaintext|none)$/i.test(lang)) return undefined;
  const raw = value.split('\n');
  const prompted = raw.some((line) => prompt.test(line));
  const lines: CodeLine[] = [];
  const output: number[] = [];
  let comment: string[] = [];
  for (let at = 0; at < raw.length; at++) {
    const line = at;
    let text = raw[at]!.trim();
    if (text === '') continue;
    const isPrompted = prompt.test(text);
    text = text.replace(prompt, '');
    if (/^#/.test(text)) {
      comment.push(text.replace(/^#+\s*/, ''));
      continue;
    }
    if ((prompted && !isPrompted) || !looksRun(text, isShell || isPrompted)) {
      output.push(line);
      continue;
    }
    while (text.endsWith('\\') && at + 1 < raw.length)
      text = `${text.slice(0, -1).trimEnd()} ${raw[++at]!.trim()}`;
    const ending = /<<-?\s*['"]?(\w+)['"]?/.exec(text)?.[1];
    if (ending) {
      const body: string[] = [];
      while (at + 1 < raw.length && body.at(-1)?.trim() !== ending) body.push(raw[++at]!);
      text = [text, ...body].join('\n');
    }
    lines.push({ text, line, ...(comment.length > 0 && { comment: comment.join(' ') }) });
    comment = [];
  }
  return lines.length > 0 ? { lines, output } : undefined;
}

const prompt = /^\s*(?:[\w@.~-]*\$\s+|#\s+(?=(?:kubectl|oc)\s))/;

function looksRun(text: string, anyProgram: boolean): boolean {
  const [first = ''] = text.split(/\s+/);
  if (programs.test(first) || assignment.test(text) || /[|;&(]\s*(kubectl|oc)\s/.test(text)) return true;
  return anyProgram && /^[a-z.~/][\w./~-]*$/.test(first) && !/^[a-z_:]+[({]/.test(text);
}

/** `NODE='…'`, `export NS=shop` */
export const assignment = /^(?:export\s+)?[A-Za-z_]\w*=\S*/;
