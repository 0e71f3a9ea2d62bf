import { isObject, objectAt, type JsonObject, type JsonValue } from '../base/json.ts'
import type { Seen } from './container.ts'
import type { Successor } from './successor/successor.ts'

/** Label of a helper: the operation that it was made for. */
export const HELPER_LABEL = 'dockline.helper'
/** Label of a helper: the process that made it. */
export const HELPER_MAKER_LABEL = 'dockline.helper-maker'

/** What a helper does: refreshes these containers, by these images. */
export interface Relief {
  readonly names: readonly string[]
  /** Normalised references. */
  readonly images: readonly string[]
}

/** Gives the whole command line by which dockline does that in a container of its own image. */
export type HandOver = (relief: Relief) => readonly string[]

/** Name of the helper of a container. The engine lets only one have it, so there are never two. */
export function helperName(name: string): string {
  return `${name}.dockline-helper`
}

/** Name of the container that a helper is about. */
export function helpedName(name: string): string {
  return name.replace(/\.dockline-helper$/, '')
}

/** True for a container that does the work of another one's dockline. */
export function isHelper({ view }: Pick<Seen, 'view'>): boolean {
  return Object.hasOwn(view.Config.Labels, HELPER_LABEL)
}

// So often an engine starts one again that died in the middle: it takes up what it had left.
const TRIES = 5

/**
 * The create body of a helper: the successor, without all that belongs to one container alone or that others would find
 * it by, with its mounts read-only (a socket can be used all the same). Pure.
 */
export function helperBody(
  plan: Successor,
  command: readonly string[],
  labels: Readonly<Record<string, string>>,
): Successor {
  const { Hostname: _, Domainname: __, MacAddress: ___, ExposedPorts: ____, ...rest } = plan.body as JsonObject
  const HostConfig: JsonObject = {
    ...objectAt(plan.body, 'HostConfig'),
    PortBindings: {},
    PublishAllPorts: false,
    AutoRemove: false,
    RestartPolicy: { Name: 'on-failure', MaximumRetryCount: TRIES },
    ContainerIDFile: '',
  }
  readOnly(HostConfig)
  const endpoints = objectAt(objectAt(plan.body, 'NetworkingConfig'), 'EndpointsConfig')
  return {
    ...plan,
    body: {
      ...rest,
      Image: plan.body.Image,
      Entrypoint: command.slice(0, 1),
      Cmd: command.slice(1),
      Healthcheck: { Test: ['NONE'] },
      Labels: { ...labels },
      HostConfig,
      NetworkingConfig: {
        EndpointsConfig: Object.fromEntries(
          Object.entries(endpoints).map(([network, endpoint]) => [network, anonymous(endpoint)]),
        ),
      },
    },
    later: plan.later.map(({ network, endpoint }) => ({ network, endpoint: anonymous(endpoint) })),
  }
}

function anonymous(endpoint: JsonValue): JsonObject {
  const { Aliases: _, IPAMConfig: __, MacAddress: ___, ...rest } = isObject(endpoint) ? endpoint : {}
  return rest
}

function readOnly(hostConfig: JsonObject): void {
  const { Binds, Mounts, VolumesFrom } = hostConfig
  if (Array.isArray(Binds)) hostConfig['Binds'] = Binds.map(readOnlyBind)
  if (Array.isArray(VolumesFrom))
    hostConfig['VolumesFrom'] = VolumesFrom.map((source) =>
      typeof source === 'string' ? `${source.split(':')[0]}:ro` : source,
    )
  if (Array.isArray(Mounts))
    hostConfig['Mounts'] = Mounts.map((mount) =>
      isObject(mount) && (mount['Type'] === 'bind' || mount['Type'] === 'volume')
        ? { ...mount, ReadOnly: true }
        : mount,
    )
}

// `Z` would take the files from the container that runs.
function readOnlyBind(bind: JsonValue): JsonValue {
  if (typeof bind !== 'string') return bind
  const [source = '', destination = '', options = ''] = bind.split(':')
  const kept = options.split(',').filter((option) => !['', 'rw', 'ro', 'Z'].includes(option))
  return [source, destination, ['ro', ...kept].join(',')].join(':')
}
