import type { Api, SandboxClock } from '../api.ts';
import type { EventRecorder } from './event-recorder.ts';
import type { Dispatcher } from './work-queue.ts';

/** What every controller is given. */
export interface ControllerContext {
  api: Api;
  clock: SandboxClock;
  dispatcher: Dispatcher;
  events: EventRecorder;
  /** Back-offs are divided by it. */
  speed: number;
  /** A number in [0, 1): names of pods, ties between nodes. */
  random: () => number;
}

/** Starts a controller: it watches and reconciles until the returned function is called. */
export type StartController = (context: ControllerContext) => () => void;
