import { isObject, textAt, type JsonObject } from '../../base/json.ts'
import { numberAt, textsAt } from './fields.ts'
import { refuse } from './refusal.ts'
import type { World } from './world.ts'

const LOG_DRIVERS: ReadonlySet<string> = new Set([
  '',
  'json-file',
  'local',
  'none',
  'journald',
  'syslog',
  'gelf',
  'fluentd',
  'awslogs',
  'splunk',
  'gcplogs',
  'etwlogs',
])
const MIN_MEMORY = 6 << 20
const CPUS = 2

/** What dockerd refuses of a host configuration before anything is made (moby daemon/container.go, daemon_unix.go). */
export function checkHostConfig({ profile, strict }: World, asked: JsonObject): void {
  if (profile.family !== 'docker') return
  const memory = numberAt(asked, 'Memory')
  if (memory > 0 && memory < MIN_MEMORY) refuse([400, 'Minimum memory limit allowed is 6MB'])
  const cpus = numberAt(asked, 'NanoCpus') / 1e9
  if (cpus > CPUS) refuse([400, `range of CPUs is from 0.01 to ${CPUS}.00, as there are only ${CPUS} CPUs available`])
  const runtime = textAt(asked, 'Runtime')
  if (runtime !== '' && runtime !== 'runc' && !runtime.startsWith('io.containerd.'))
    refuse([400, `unknown or invalid runtime name: ${runtime}`])
  const driver = isObject(asked['LogConfig']) ? textAt(asked['LogConfig'], 'Type') : ''
  if (!LOG_DRIVERS.has(driver)) refuse([400, `error looking up logging plugin ${driver}: plugin "${driver}" not found`])
  for (const bind of textsAt(asked, 'Binds')) checkBind(bind)
  const mounts = asked['Mounts']
  for (const mount of Array.isArray(mounts) ? mounts.filter(isObject) : []) {
    checkTarget(mount)
    checkSource(mount, strict.hostPaths)
  }
}

function checkBind(bind: string): void {
  const [source = '', target = ''] = bind.split(':')
  const type = source.startsWith('/') ? 'bind' : 'volume'
  if (target !== '' && !target.startsWith('/'))
    refuse([400, `invalid volume specification: '${bind}': ${relative(type, target)}`])
}

function checkTarget(mount: JsonObject): void {
  const target = textAt(mount, 'Target')
  if (!target.startsWith('/')) refuse([400, relative(textAt(mount, 'Type') || 'bind', target)])
}

function checkSource(mount: JsonObject, isThere: (path: string) => boolean): void {
  const source = textAt(mount, 'Source')
  const options = mount['BindOptions']
  if (textAt(mount, 'Type') !== 'bind' || (isObject(options) && options['CreateMountpoint'] === true)) return
  if (!isThere(source))
    refuse([400, `invalid mount config for type "bind": bind source path does not exist: ${source}`])
}

function relative(type: string, target: string): string {
  return `invalid mount config for type "${type}": invalid mount path: '${target}' mount path must be absolute`
}
