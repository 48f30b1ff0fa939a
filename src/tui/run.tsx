import { setImmediate } from 'node:timers/promises';
import { render } from 'ink';
import { App } from './app.tsx';
import type { Backend } from './backend.ts';
import { Controller } from './controller.ts';
import { FrameWriter } from './frame-writer.ts';
import { Store } from './store.ts';
import { takeTerminal } from './terminal.ts';

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
  const store = new Store();
  store.set({ master: options.master ?? false, target: options.cluster });
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
  let show: () => Screens = () => {
    throw new Error('the screens are not ready');
  };
  let screens: Screens | undefined;
  const controller = new Controller(store, backend, {
    quit: leave,
    columns: () => Math.max(60, (stdout.columns || 80) - 2),
    lend: async (use) => {
      screens?.hide();
      screens = undefined;
      await stopReading(stdin);
      try {
        await use();
      } finally {
        if (!isLeft) screens = show();
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
  screens = show();
  try {
    void controller.start();
    await left;
  } finally {
    screens?.hide();
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

interface Screens {
  hide(): void;
}

function showScreens(props: {
  store: Store;
  controller: Controller;
  stdin: NodeJS.ReadStream;
  stdout: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
  onInterrupt: () => void;
  onFirstFrame: (() => void) | undefined;
}): Screens {
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
