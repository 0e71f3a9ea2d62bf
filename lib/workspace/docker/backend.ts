import type { Backend, Locating, Logging, Reading, Reaping } from '../backend.ts'
import { dockerConsole } from './console-output.ts'
import { dockerContext, type DockerPorts, type DockerSettings } from './context.ts'
import { labelledContainers, namedContainers, unusedVolumes } from './list.ts'
import { followLogs } from './logs.ts'
import { currentUrl } from './port.ts'
import { hasConfig, readConfig, readFile, writeToken } from './read.ts'
import { startDocker } from './start.ts'
import { Starts } from './starts.ts'
import { dockerStatus } from './status.ts'
import { removeDocker, stopDocker } from './stop.ts'
import { removeVolumes } from './volumes.ts'

/** Workspaces as containers of an engine, with every power. */
export interface DockerBackend extends Backend, Locating, Logging, Reading, Reaping {
  readonly kind: 'docker'
}

/** The backend that runs workspaces on an engine. The engine's connection stays its owner's. */
export function dockerBackend(ports: DockerPorts, settings: DockerSettings = {}): DockerBackend {
  const context = dockerContext(ports, settings)
  const starts = new Starts()
  return {
    kind: 'docker',
    start: (workspace, options) =>
      starts.run(workspace.id, options?.signal, (signal) => startDocker(context, workspace, signal)),
    stop: async (id, options) => {
      await starts.cancel(id)
      await stopDocker(context, id, options?.signal)
    },
    status: (id, options) => dockerStatus(context, id, options?.signal),
    remove: async (id, options) => {
      await starts.cancel(id)
      await removeDocker(context, id, options)
    },
    console: (id, options) => dockerConsole(context, id, options?.signal),
    logs: (id, options) => followLogs(context, id, options),
    url: (id, options) => currentUrl(context, id, options?.signal),
    readFile: (id, path, options) => readFile(context, id, path, options),
    readConfig: (id, path, options) => readConfig(context, id, path, options),
    hasConfig: (id, path, options) => hasConfig(context, id, path, options?.signal),
    writeToken: (id, token, options) => writeToken(context, id, token, options?.signal),
    named: (options) => namedContainers(context, options?.signal),
    labelled: (options) => labelledContainers(context, options?.signal),
    unusedVolumes: (options) => unusedVolumes(context, options?.signal),
    removeVolumes: (id, options) => removeVolumes(context, id, options),
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
