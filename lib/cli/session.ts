import { systemProcesses } from '../base/processes.ts'
import { silentLog, systemFiles } from '../base/system.ts'
import type { Env, Log } from '../base/ports.ts'
import { connect, type Docker } from '../engine/connect.ts'
import type { RefreshPorts } from '../refresh/refresh.ts'
import { systemLookup, systemPorts } from '../refresh/system-ports.ts'
import { containerProcesses } from '../refresh/holder.ts'
import { ownPlace } from '../refresh/self.ts'
import { createCredentials, type Credentials } from '../registry/credentials/resolve.ts'
import { plain } from './text.ts'

/** Flags that say which engine. */
export interface EngineFlags {
  readonly host?: string | undefined
  readonly context?: string | undefined
}

/** The outside world of one command, and how it talks. */
export interface Session {
  readonly env: Env
  /** The result goes here. */
  readonly stdout: NodeJS.WritableStream
  /** Progress and errors go here. */
  readonly stderr: NodeJS.WriteStream
  /** Fires at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal
}

/** Everything that a refresh needs, made from the environment. */
export interface Line extends AsyncDisposable {
  readonly docker: Docker
  readonly credentials: Credentials
  readonly ports: RefreshPorts
}

/** Connects to the engine that flags and environment name, and makes sure that it answers. */
export async function openLine(session: Session, flags: EngineFlags): Promise<Line> {
  const line = await layLine(session, flags, warnings(session))
  try {
    await line.docker.apiVersion()
    return line
  } catch (error) {
    await line.docker.close()
    throw error
  }
}

/** The same without asking for an answer: a service may start before its engine does. */
export async function layLine({ env }: Pick<Session, 'env'>, flags: EngineFlags, log: Log): Promise<Line> {
  const docker = await connect({ host: flags.host, context: flags.context, env })
  const credentials = createCredentials({ env, files: systemFiles, log })
  const place = await ownPlace(systemFiles)
  const ports: RefreshPorts = {
    ...systemPorts(docker, { env, credentials }),
    ...(place === undefined ? {} : { selfId: place.id, processes: containerProcesses(systemProcesses, place.id) }),
    access: { endpoint: docker.endpoint, lookup: systemLookup, place },
  }
  return { docker, credentials, ports, [Symbol.asyncDispose]: () => docker.close() }
}

function warnings({ stderr }: Session): Log {
  return { ...silentLog, warn: (message) => void stderr.write(`warning: ${plain(message)}\n`) }
}
