import { setImmediate } from 'node:timers/promises';
import { render } from 'ink';
import { App } from './app.tsx';
import type { Backend } from './backend.ts';
import { Controller } from './controller.ts';
import { FrameWriter } from './draw/frame-writer.ts';
import { sizeOf } from './draw/layout.tsx';
import { takeTerminal } from './draw/terminal.ts';
import type { Shown } from './screen.ts';
import { screens } from './screens/screens.ts';
import { Store } from './state/store.ts';
import { initialUiState } from './state/ui-state.ts';

export interface TuiOptions {
  backend: Backend;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  /** Ends the interface as Ctrl-C does. */
  signal: AbortSignal;
  /** The cluster of misfortune.yaml that is played on; left out: a sandbox of this machine. */
  cluster?: string;
  /** Begin with the game master's view. */
  master?: boolean;
  /** Called once with the time to the first frame, ms. */
  onFirstFrame?: () => void;
}

/** Runs the interface until the person leaves. The terminal is as before when it resolves or rejects. */
export async function runTui(options: TuiOptions): Promise<void> {
  const { backend, stdin, stdout, env, signal } = options;
  const store = new Store<Shown>({
    ...initialUiState,
    screen: screens.starting,
    master: options.master ?? false,
    target: options.cluster,
  });
  let leave: () => void = () => undefined;
  let isLeft = false;
  const left = new Promise<void>((resolve) => {
    leave = () => {
      isLeft = true;
      resolve();
    };
  });
  signal.addEventListener('abort', leave, { once: true });
  // A terminal that is gone: not everybody is sent a SIGHUP (nohup, another user's session).
  for (const event of ['end', 'close', 'error']) stdin.on(event, () => leave());
  // What is still written to it is lost, and no error.
  stdout.on('error', () => leave());
  let show: () => Drawing = () => {
    throw new Error('the screens are not ready');
  };
  let drawing: Drawing | undefined;
  const controller = new Controller(store, backend, {
    quit: leave,
    size: () => sizeOf(stdout),
    lend: async (use) => {
      drawing?.hide();
      drawing = undefined;
      await stopReading(stdin);
      try {
        await use();
      } finally {
        if (!isLeft) drawing = show();
      }
    },
  });
  show = () =>
    showScreens({
      store,
      controller,
      stdin,
      stdout,
      env,
      onInterrupt: leave,
      onFirstFrame: options.onFirstFrame,
    });
  drawing = show();
  try {
    void controller.start();
    await left;
  } finally {
    drawing?.hide();
    await controller.close();
  }
}

/**
 * The keys are the shell's now. Who goes on reading would take some of them, and where the shell has the terminal for
 * itself, a read from the background fails (EIO) or stops this process.
 */
async function stopReading(stdin: NodeJS.ReadStream): Promise<void> {
  // Only once it is known that nobody listens any more does a pause stop the terminal's handle.
  await setImmediate();
  stdin.pause();
  await setImmediate();
}

/** The screens while they have the terminal. */
interface Drawing {
  hide(): void;
}

function showScreens(props: {
  store: Store<Shown>;
  controller: Controller;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  onInterrupt: () => void;
  onFirstFrame: (() => void) | undefined;
}): Drawing {
  const giveBack = takeTerminal(props.stdout);
  const writer = new FrameWriter(props.stdout);
  let first = true;
  const app = render(
    <App store={props.store} controller={props.controller} env={props.env} onInterrupt={props.onInterrupt} />,
    {
      stdin: props.stdin,
      stdout: writer.stream(),
      exitOnCtrlC: false,
      patchConsole: false,
      // Whole frames for the writer; see there.
      debug: true,
      onRender: () => {
        if (first) props.onFirstFrame?.();
        first = false;
      },
    },
  );
  return {
    hide: () => {
      writer.close();
      app.unmount();
      app.cleanup();
      giveBack();
    },
  };
}
