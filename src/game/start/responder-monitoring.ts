import { chooseCluster } from '../../config/choose.ts';
import { loadConfig } from '../../config/load.ts';
import type { MonitorTarget } from '../../recorder/monitor-proxy.ts';
import type { RecorderOptions } from '../../recorder/recorder.ts';
import type { ResponderAccess } from './setup.ts';

/**
 * What a responder's recorder stands before. Headers and token files are read from misfortune.yaml on the responder's
 * side: no secret goes through the conductor. @throws MisfortuneError of the config
 */
export async function responderMonitoring(access: ResponderAccess): Promise<RecorderOptions['monitoring']> {
  const { prometheus, alertmanager, grafana, config } = access;
  const cluster = config && chooseCluster(await loadConfig({ file: config.file }), config.cluster);
  const target = (part: 'prometheus' | 'alertmanager' | 'grafana', url: string): MonitorTarget => {
    const { headers, tokenFile } = cluster?.[part] ?? {};
    return { url, ...(headers && { headers }), ...(tokenFile !== undefined && { tokenFile }) };
  };
  return {
    prometheus: target('prometheus', prometheus),
    ...(alertmanager !== undefined && { alertmanager: target('alertmanager', alertmanager) }),
    ...(grafana !== undefined && { grafana: target('grafana', grafana) }),
  };
}
