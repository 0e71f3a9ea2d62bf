import { isObject, objectAt, textAt, type JsonObject, type JsonValue } from '../../lib/base/json.ts'
import type { ImageInspect } from '../../lib/engine/schema/images.ts'
import type { Successor } from '../../lib/refresh/successor/successor.ts'
import { rawContainer, type Recording } from './container.ts'
import { engineMerge } from './engine-merge.ts'

/** The raw inspect of the container that an engine makes of a plan: created, not started. */
export function createdFrom(
  { body, later }: Pick<Successor, 'body' | 'later'>,
  image: ImageInspect,
  { id = 'facade'.padEnd(64, '0'), recording = 'docker-28.5' }: { id?: string; recording?: Recording } = {},
): JsonObject {
  const { HostConfig, NetworkingConfig, ...config } = body
  const merged = engineMerge(config, image.Config)
  if (merged === undefined) throw new Error('no command specified')
  const endpoints = { ...objectAt(NetworkingConfig, 'EndpointsConfig') }
  for (const { network, endpoint } of later) endpoints[network] = endpoint
  return rawContainer(
    {
      top: { Id: id, Name: '/ws-1.dockline-next', Image: image.Id },
      State: { Status: 'created', Running: false, Pid: 0 },
      Config: { ...merged, Hostname: textAt(merged, 'Hostname') || id.slice(0, 12) },
      HostConfig: isObject(HostConfig) ? HostConfig : {},
      Networks: Object.fromEntries(Object.entries(endpoints).map(([name, endpoint]) => [name, shown(endpoint)])),
      Mounts: mountsOf(objectAt(body, 'HostConfig')),
    },
    recording,
  )
}

function shown(endpoint: JsonValue | undefined): JsonValue {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    MacAddress: '',
    DriverOpts: null,
    GwPriority: 0,
    NetworkID: '',
    EndpointID: '',
    Gateway: '',
    IPAddress: '',
    ...(isObject(endpoint) ? endpoint : {}),
  }
}

function mountsOf({ Binds, Mounts }: JsonObject): JsonValue[] {
  const binds = (Array.isArray(Binds) ? Binds : [])
    .filter((bind) => typeof bind === 'string')
    .map((bind) => {
      const [source = '', Destination = '', options = ''] = bind.split(':')
      const RW = options !== 'ro'
      return source.startsWith('/')
        ? { Type: 'bind', Source: source, Destination, RW }
        : { Type: 'volume', Name: source, Source: `/volumes/${source}`, Destination, RW }
    })
  const mounts = (Array.isArray(Mounts) ? Mounts : []).filter(isObject).map((mount) => {
    const { Type = '', Source = '', Target = '', ReadOnly = false } = mount
    const volume = Type === 'volume' ? { Name: Source } : {}
    return { Type, Source, Destination: Target, RW: ReadOnly !== true, ...volume }
  })
  return [...binds, ...mounts]
}
