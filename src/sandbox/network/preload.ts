/**
 * Runs in every container's Node process before its program. It gives the process the pod's network and
 * file system, and takes away what would reach beyond the pod. Node's permission model keeps it from files outside, child
 * processes, threads and native code; the network is kept by this alone (preload/doors.ts lists every way there), and on
 * Linux by the kernel (../wall).
 */
import { syncBuiltinESMExports } from 'node:module';
import { ControlChannel } from './preload/control.ts';
import { confineFiles } from './preload/files.ts';
import { closeDoors } from './preload/forbid.ts';
import { HandleGuard, Permits } from './preload/handles.ts';
import { endWithRuntime } from './preload/lifeline.ts';
import { resolveNames } from './preload/names.ts';
import { PathMap } from './preload/paths.ts';
import { disguiseProcess, takeSettings } from './preload/process.ts';
import { listenVirtually } from './preload/servers.ts';
import { connectThroughNetwork } from './preload/sockets.ts';

const settings = takeSettings();
endWithRuntime();
const paths = new PathMap(settings);
const permits = new Permits();
const control = new ControlChannel(settings, permits.permit);
const handles = new HandleGuard(paths, permits, control.socket, (real) => control.unlisten(real));
listenVirtually(control, paths, handles);
connectThroughNetwork(control, paths);
resolveNames(control);
confineFiles(paths);
closeDoors();
disguiseProcess(settings, paths);
syncBuiltinESMExports();
