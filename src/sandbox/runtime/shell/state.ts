/** What one shell process shares with its subshells: nothing is copied that they cannot change. */
export interface ShellState {
  variables: Map<string, string>;
  exported: Set<string>;
  parameters: string[];
  cwd: string;
  status: number;
  name: string;
  traps: Map<string, string>;
  exitOnError: boolean;
  trace: boolean;
}

/** The state of a shell that starts with this environment. */
export function newState(env: Record<string, string>, cwd: string): ShellState {
  return {
    variables: new Map(Object.entries(env)),
    exported: new Set(Object.keys(env)),
    parameters: [],
    cwd,
    status: 0,
    name: 'sh',
    traps: new Map(),
    exitOnError: false,
    trace: false,
  };
}

/** Its own copy of everything that a child process would inherit. */
export function childState(state: ShellState): ShellState {
  return {
    ...state,
    variables: new Map(state.variables),
    exported: new Set(state.exported),
    parameters: [...state.parameters],
    traps: new Map(),
  };
}
