/**
 * Runs in every container's Node process before its program. It gives the process the pod's network and
 * file system, and takes away what would reach beyond the pod. Node's permission model is the wall (no
 * files outside, no child processes); this is what makes life inside look like a container.
 */
import { syncBuiltinESMExports } from 'node:module';
import { ControlChannel } from './preload/control.ts';
import { confineFiles } from './preload/files.ts';
import { forbidTheRest } from './preload/forbid.ts';
import { HandleGuard } from './preload/handles.ts';
import { endWithRuntime } from './preload/lifeline.ts';
import { resolveNames } from './preload/names.ts';
import { PathMap } from './preload/paths.ts';
import { disguiseProcess, takeSettings } from './preload/process.ts';
import { listenVirtually } from './preload/servers.ts';
import { connectThroughNetwork } from './preload/sockets.ts';

const settings = takeSettings();
if (settings) {
  endWithRuntime();
  const paths = new PathMap(settings);
  const control = new ControlChannel(settings);
  const handles = new HandleGuard(paths, control.socket);
  listenVirtually(control, paths);
  connectThroughNetwork(control, paths, handles);
  resolveNames(control);
  confineFiles(paths);
  forbidTheRest();
  disguiseProcess(settings, paths);
  syncBuiltinESMExports();
}
