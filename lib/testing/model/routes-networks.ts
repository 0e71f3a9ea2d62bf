import { isObject, textAt } from '../../base/json.ts'
import { filtersOf, hasLabels } from './call.ts'
import { checkFilters, labelsFit, truthOf, type Filters } from './filters.ts'
import { needContainer } from './container.ts'
import { connect, disconnect } from './endpoints.ts'
import { createNetwork, needNetwork, networkJson, removeNetwork, type ModelNetwork } from './networks.ts'
import { pruneNetworks, pruneVolumes } from './prune.ts'
import { refuse } from './refusal.ts'
import { empty, json } from './reply.ts'
import type { RouteTable } from './routes.ts'
import type { World } from './world.ts'
import { createVolume, removeVolume, usersOf, volumeJson } from './volumes.ts'

export const networkRoutes: RouteTable = {
  'GET /networks': (world, { query }) => {
    const filters = filtersOf(query)
    if (world.profile.family === 'docker') checkFilters(filters, NETWORK_FILTERS)
    const networks = [...world.state.networks.values()].filter((network) => fits(world, network, filters))
    return json(networks.map((network) => networkJson(world, network, undefined)))
  },
  'POST /networks/create': (world, call) => {
    const network = createNetwork(world, call.object())
    return json({ Id: network.id, Warning: '' }, 201)
  },
  'POST /networks/prune': (world, call) => json(pruneNetworks(world, call)),
  'GET /networks/{id}': (world, { version }, id) => json(networkJson(world, needNetwork(world, id), version)),
  'DELETE /networks/{id}': (world, _, id) => {
    removeNetwork(world, id)
    return empty()
  },
  'POST /networks/{id}/connect': (world, call, id) => {
    const body = call.object()
    const [network, container] = [needNetwork(world, id), needContainer(world, textAt(body, 'Container'))]
    const settings = isObject(body['EndpointConfig']) ? body['EndpointConfig'] : undefined
    connect(world, container, network, settings, call.version)
    return empty(200)
  },
  'POST /networks/{id}/disconnect': (world, call, id) => {
    const body = call.object()
    disconnect(world, needContainer(world, textAt(body, 'Container')), needNetwork(world, id))
    return empty(200)
  },
}

const NETWORK_FILTERS = ['name', 'id', 'driver', 'label', 'type', 'scope', 'dangling']
const VOLUME_FILTERS = ['name', 'driver', 'label', 'dangling']

function fits(world: World, { id, name, driver, labels, fixed }: ModelNetwork, filters: Filters): boolean {
  return [...filters].every(([filter, values]) => {
    switch (filter) {
      case 'name':
        return values.some((value) => new RegExp(value).test(name))
      case 'id':
        return values.some((value) => id.startsWith(value))
      case 'driver':
        return values.includes(driver)
      case 'scope':
        return values.includes('local')
      case 'type': {
        const wrong = values.find((value) => value !== 'builtin' && value !== 'custom')
        if (wrong !== undefined) refuse([400, `invalid filter: 'type'='${wrong}'`])
        return values.includes(fixed ? 'builtin' : 'custom')
      }
      case 'dangling': {
        const used = [...world.state.containers.values()].some(({ endpoints }) => endpoints.has(name))
        return truthOf(filters, 'dangling') === (!fixed && !used)
      }
      default:
        return labelsFit(filters, labels)
    }
  })
}

export const volumeRoutes: RouteTable = {
  'GET /volumes': (world, { query }) => {
    const filters = filtersOf(query)
    if (world.profile.family === 'docker') checkFilters(filters, VOLUME_FILTERS)
    const volumes = [...world.state.volumes.values()].filter(({ name, driver, labels }) =>
      [...filters].every(([filter, values]) => {
        if (filter === 'name') return values.some((value) => new RegExp(value).test(name))
        if (filter === 'driver') return values.includes(driver)
        if (filter === 'dangling')
          return (values[0] === 'true' || values[0] === '1') === (usersOf(world, name).length === 0)
        return filter === 'label' ? hasLabels(labels, values) : true
      }),
    )
    return json({
      Volumes: volumes.map((volume) => volumeJson(world, volume)),
      Warnings: world.profile.family === 'podman' ? [] : null,
    })
  },
  'POST /volumes/create': (world, call) => json(volumeJson(world, createVolume(world, call.object())), 201),
  'POST /volumes/prune': (world, call) => json(pruneVolumes(world, call)),
  'GET /volumes/{id}': (world, _, name) => {
    const volume = world.state.volumes.get(name) ?? refuse(world.profile.words.noVolumeToInspect(name))
    return json(volumeJson(world, volume))
  },
  'DELETE /volumes/{id}': (world, _, name) => {
    removeVolume(world, name)
    return empty()
  },
}
