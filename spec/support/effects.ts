import { setTimeout as sleep } from 'node:timers/promises'

import { messageOf } from '../../lib/base/errors.ts'
import { isObject, objectAt, textAt, type JsonObject } from '../../lib/base/json.ts'
import type { Docker } from '../../lib/engine/connect.ts'

/** What the processes of a container see, by file and line. */
export type Effects = ReadonlyMap<string, string>

/** Namespaces that are not a container's own: by `net:[4026531840]`, whose it is. */
export type SharedNamespaces = ReadonlyMap<string, string>

/** What somebody asked for: all other addresses are drawn. */
export interface Asked {
  readonly body: JsonObject
  readonly connect?: Readonly<Record<string, JsonObject>> | undefined
  /** Drawn MAC addresses are to stay, too. */
  readonly keepMac?: boolean | undefined
}

// Read by busybox, whatever PATH says, and without writing anywhere. `$pid` is the container's first process, `$names`
// what is looked up.
const SCRIPT = `
for applet in cat tr grep readlink ip id stat uname timeout nslookup; do
  eval "$applet() { /bin/busybox $applet \\"\\$@\\"; }"
done
part() { echo "@@$1"; }
{
part env; tr '\\0' '\\n' </proc/$pid/environ; echo
part cmdline; tr '\\0' ' ' </proc/$pid/cmdline; echo
part cwd; readlink /proc/$pid/cwd
part exe; readlink /proc/$pid/exe
part root; readlink /proc/$pid/root
part limits; cat /proc/$pid/limits
part status; cat /proc/$pid/status
part oom; cat /proc/$pid/oom_score_adj
part fds; for fd in 0 1 2; do readlink /proc/$pid/fd/$fd; done
part label; cat /proc/$pid/attr/current; echo
part cgroup; cat /proc/$pid/cgroup
part self; id; pwd; cat /proc/self/status
part selflimits; cat /proc/self/limits
part ns; for ns in cgroup ipc net pid user uts; do readlink /proc/self/ns/$ns; done
part mounts; cat /proc/self/mountinfo
part hosts; cat /etc/hosts
part resolv; cat /etc/resolv.conf
part hostname; cat /etc/hostname; uname -n; cat /proc/sys/kernel/domainname
part links; for link in /sys/class/net/*; do echo "\${link##*/} $(cat $link/address) $(cat $link/mtu)"; done
part addresses; ip -o addr
part routes; ip route
part limitsof; for file in /sys/fs/cgroup/*/memory.*limit_in_bytes /sys/fs/cgroup/*/memory.swappiness \\
  /sys/fs/cgroup/*/memory.oom_control /sys/fs/cgroup/*/cpu.shares /sys/fs/cgroup/*/cpu.cfs_* /sys/fs/cgroup/*/cpuset.cpus \\
  /sys/fs/cgroup/*/cpuset.mems /sys/fs/cgroup/*/pids.max /sys/fs/cgroup/*/blkio.*weight* /sys/fs/cgroup/*/blkio.throttle.*_device \\
  /sys/fs/cgroup/*/devices.list /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory.low /sys/fs/cgroup/memory.swap.max \\
  /sys/fs/cgroup/cpu.max /sys/fs/cgroup/cpu.weight /sys/fs/cgroup/cpuset.cpus /sys/fs/cgroup/cpuset.mems \\
  /sys/fs/cgroup/pids.max /sys/fs/cgroup/io.max /sys/fs/cgroup/io.weight; do
  [ -r $file ] && echo "$file $(cat $file | tr '\\n' ',')"; done
part sysctls; grep -rs '' /proc/sys/net/core /proc/sys/net/ipv4 /proc/sys/fs/mqueue /proc/sys/kernel/shm* /proc/sys/kernel/msg* /proc/sys/kernel/sem
part devices; for device in /dev/*; do stat -c '%n %F %a %u %g %t %T' $device; done
part names; for name in $names; do echo "$name $(timeout 5 nslookup -type=a $name 127.0.0.11 | tr '\\n' ' ')"; done
} 2>/dev/null; true`

/** Whose the namespaces are that a container may share: the machine's, as a container sees them, and a donor's. */
export async function sharedNamespaces(
  docker: Docker,
  whose: Readonly<Record<string, string>>,
): Promise<SharedNamespaces> {
  const shared = new Map<string, string>()
  const script = 'for ns in cgroup ipc net pid user uts; do /bin/busybox readlink /proc/self/ns/$ns; done'
  for (const [owner, container] of Object.entries(whose)) {
    const { stdout } = await docker.exec.run(container, { Cmd: ['/bin/busybox', 'sh', '-c', script], User: '0' })
    for (const line of stdout.split('\n')) if (line !== '' && !shared.has(line)) shared.set(line, owner)
  }
  return shared
}

/** What a container was made with, as one text: an address that is in there was asked for. */
export function askedText({ body, connect = {} }: Asked): string {
  const exact = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)
  return JSON.stringify([body, connect], exact).toLowerCase()
}

/** Looks from inside of a running container; `undefined` when it has ended by itself. */
export async function effectsOf(
  docker: Docker,
  container: string,
  asked: Asked,
  shared: SharedNamespaces,
): Promise<Effects | undefined> {
  const raw = await docker.containers.inspectRaw(container)
  const names = namesOf(container, asked)
  // In a namespace of others the first process is none of the container's.
  const pid = textAt(objectAt(asked.body, 'HostConfig'), 'PidMode') === '' ? '1' : 'self'
  const Env = [`pid=${pid}`, `names=${hasResolver(raw) ? names.join(' ') : ''}`]
  const Cmd = ['/bin/busybox', 'sh', '-c', SCRIPT]
  const output = await docker.exec
    .run(container, { Cmd, Env })
    .then(({ stdout, stderr }) => stdout + stderr.slice(0, 200), messageOf)
  const parts = partsOf(output)
  if (!parts.has('names')) {
    await sleep(1000) // one that ends by itself is seen to run for a moment more
    const now = await docker.containers.inspectRaw(container)
    if (objectAt(now, 'State')['Running'] !== true || now['RestartCount'] !== 0) return undefined
    throw new Error(`looking into ${container} failed: ${output.slice(0, 300)}`)
  }
  return settled(parts, { raw, asked, shared })
}

/** What the successor's processes see otherwise than those of the old container, or of one made afresh on the new image. */
export function unlikeEffects(was: Effects | undefined, is: Effects | undefined, fresh: Effects | undefined): string[] {
  if (is === undefined || fresh === undefined)
    return is === fresh ? [] : [`inside: ${is === undefined ? 'it ended' : 'it runs'}, unlike one made afresh`]
  const wrong: string[] = []
  for (const key of new Set([...(was ?? fresh).keys(), ...is.keys(), ...fresh.keys()])) {
    // What it brought from an old container that never ran cannot be looked at.
    if (was === undefined && NEW_MOUNT.test(key) && !fresh.has(key)) continue
    const ofImage = was === undefined || FROM_IMAGE.test(key) || (NEW_MOUNT.test(key) && !was.has(key))
    const [wanted, found] = [(ofImage ? fresh : was).get(key), is.get(key)]
    if (ofImage ? anyVolume(wanted) !== anyVolume(found) : wanted !== found)
      wrong.push(`inside ${key}: ${found ?? 'absent'} instead of ${wanted ?? 'absent'}`)
  }
  return wrong
}

// A volume that only the new image declares has a name of its own.
function anyVolume(text: string | undefined): string | undefined {
  return text?.replaceAll(/[\da-f]{64}/g, '<volume>')
}

// What the image has a say in: its user has groups, rights and files of his own.
const FROM_IMAGE =
  /^(?:env|cmdline|cwd|exe|self) |^(?:status|self) (?:Uid|Gid|Groups|Cap(?:Inh|Prm|Eff|Amb))$|^(?:label|root|fds) /
const NEW_MOUNT = /^mounts /

function namesOf(container: string, { body, connect = {} }: Asked): string[] {
  const endpoints = Object.values({
    ...objectAt(objectAt(body, 'NetworkingConfig'), 'EndpointsConfig'),
    ...connect,
  }).filter(isObject)
  const texts = (member: string): string[] =>
    endpoints.flatMap((endpoint) => {
      const list = endpoint[member]
      return Array.isArray(list) ? list.filter((item) => typeof item === 'string') : []
    })
  return [container, ...texts('Aliases'), ...texts('Links').map((link) => link.split(':')[1] ?? link)]
}

function hasResolver(raw: JsonObject): boolean {
  const networks = Object.keys(objectAt(objectAt(raw, 'NetworkSettings'), 'Networks'))
  return networks.some((network) => !/^(?:bridge|podman|host|none)$/.test(network))
}

type Parts = ReadonlyMap<string, readonly string[]>

function partsOf(output: string): Parts {
  const parts = new Map<string, string[]>()
  let lines: string[] = []
  for (const line of output.split('\n')) {
    if (line.startsWith('@@')) parts.set(line.slice(2), (lines = []))
    else if (line !== '') lines.push(line)
  }
  return parts
}

interface Facts {
  readonly raw: JsonObject
  readonly asked: Asked
  readonly shared: SharedNamespaces
}

// Ids, names and what was drawn become words.
function settled(parts: Parts, { raw, asked, shared }: Facts): Effects {
  const id = textAt(raw, 'Id')
  const name = textAt(raw, 'Name').replace(/^\//, '')
  const wanted = askedText(asked)
  const host = textAt(objectAt(raw, 'HostConfig'), 'NetworkMode') === 'host'
  const joined = textAt(objectAt(raw, 'HostConfig'), 'NetworkMode').startsWith('container:')
  const links = host ? [] : linksOf(parts)
  const own = links.flatMap(({ addresses }) => addresses)
  const drawn = own.filter(({ text }) => !wanted.includes(`"${text}"`))
  const plain = (text: string): string => {
    let next = text.replaceAll(id, '<id>').replaceAll(id.slice(0, 12), '<short id>').replaceAll(name, '<name>')
    for (const { text: address, subnet } of drawn)
      next = next.replaceAll(
        new RegExp(`(?<![\\d.])${address.replaceAll('.', '\\.')}(?![\\d])`, 'g'),
        `<one of ${subnet}>`,
      )
    return next
  }
  const effects = new Map<string, string>()
  const set = (key: string, value: string): void => void effects.set(plain(key), plain(value))
  const lines = (part: string): readonly string[] => parts.get(part) ?? []

  for (const entry of lines('env')) set(`env ${entry.split('=')[0]}`, entry)
  for (const part of ['cmdline', 'cwd', 'exe', 'root', 'oom', 'label', 'hostname', 'cgroup'])
    set(`${part} `, lines(part).join(' '))
  set(
    'fds ',
    lines('fds')
      .join(' ')
      .replaceAll(/\[\d+\]/g, ''),
  )
  // Which of several networks podman takes for the way to the machine, and in what order it asks their servers, is drawn at
  // each start; a hosts file that is shared with others has their names, too.
  const ways = links.length > 2 ? links.flatMap(({ addresses }) => addresses.map(gatewayOf)) : []
  const isOthers = (line: string): boolean => joined && ANOTHERS.test(line) && !line.includes(name)
  set(
    'hosts ',
    lines('hosts')
      .filter((line) => !isOthers(line))
      .map((line) => line.replace(/^\S+/, (address) => (ways.includes(address) ? '<a gateway>' : address)))
      .toSorted()
      .join('; '),
  )
  set('resolv ', (ways.length > 0 ? lines('resolv').toSorted() : lines('resolv')).join('; '))
  for (const part of ['limits', 'selflimits'])
    for (const line of lines(part).slice(1))
      set(`${part} ${line.slice(0, 26).trim()}`, line.slice(26).replace(/ +/g, ' '))
  for (const part of ['status', 'self'])
    for (const line of lines(part)) {
      const [, key = '', value = ''] = STATUS.exec(line) ?? []
      if (key !== '') set(`${part} ${key}`, value.trim())
    }
  const [whoami = '', folder = ''] = lines('self')
  set('self id', whoami)
  set('self pwd', folder)
  for (const line of lines('ns')) set(`ns ${line.split(':')[0]}`, shared.get(line) ?? 'its own')
  for (const line of lines('mounts')) set(...mountOf(line))
  // Which of several networks is eth0 is drawn at each start (moby daemon/container_operations.go walks a map).
  const several = links.length > 2
  const network = (link: string): string => {
    const [address] = several ? (links.find(({ name: one }) => one === link)?.addresses ?? []) : []
    return address === undefined ? link : address.subnet
  }
  if (!host) {
    for (const { name: link, mac, mtu, addresses } of links) {
      const key = `links ${addresses[0]?.subnet ?? link}`
      const fixed = asked.keepMac === true || wanted.includes(mac)
      set(key, `${network(link)} ${fixed ? mac : '<drawn>'} mtu ${mtu} ${addresses.map(({ text }) => text).join(' ')}`)
    }
    const routes = lines('routes').map((line) => line.replace(/(?<=dev )\S+/, network))
    set('routes ', routes.toSorted().join('; '))
  }
  for (const line of lines('limitsof')) set(`cgroup ${line.split(' ')[0]}`, line.split(' ').slice(1).join(' '))
  for (const line of lines('sysctls')) {
    const at = line.indexOf(':')
    const key = line.slice(0, at)
    if (!UNSTEADY.test(key)) set(`sysctl ${key.replace(/(?<=\/)eth\d+/, network)}`, line.slice(at + 1))
  }
  for (const line of lines('devices')) set(`device ${line.split(' ')[0]}`, line)
  for (const line of lines('names')) {
    const found = [...line.matchAll(/Name:.*?Address: ([\d.]+)/g)].map(([, address]) => address)
    const itself = found.some((address) => own.some(({ text }) => text === address))
    set(`names ${line.split(' ')[0]}`, found.length === 0 ? 'nobody' : itself ? 'itself' : found.join(' '))
  }
  return effects
}

// podman writes a line for each that shares the file: `127.0.0.1 <short id> <name>`.
const ANOTHERS = /^127\.0\.0\.1\s+[\da-f]{12}\s/

const STATUS =
  /^(Uid|Gid|Groups|Cap\w+|NoNewPrivs|Seccomp|Umask|Cpus_allowed_list|Mems_allowed_list|Speculation_Store_Bypass):(.*)$/
// Links of other containers on the machine's own network, and what the kernel counts.
const UNSTEADY = /\/(?:conf|neigh)\/(?!all\/|default\/|lo\/|eth\d+\/)|nf_conntrack|\/route\/|stable_secret/

interface Link {
  readonly name: string
  readonly mac: string
  readonly mtu: string
  readonly addresses: readonly Address[]
}

interface Address {
  readonly text: string
  /** Its first part: `10.88` of one of 16 bits. */
  readonly subnet: string
}

function linksOf(parts: Parts): Link[] {
  const addresses = (parts.get('addresses') ?? []).flatMap((line) => {
    const [, name = '', text = '', bits = '24'] = /^\d+: (\S+)\s+inet6? ([\da-f.:]+)(?:\/(\d+))?/.exec(line) ?? []
    return name === '' || text.startsWith('fe80:') ? [] : [{ name, address: { text, subnet: subnetOf(text, bits) } }]
  })
  return (parts.get('links') ?? []).map((line) => {
    const [name = '', mac = '', mtu = ''] = line.split(' ')
    return {
      name,
      mac,
      mtu,
      addresses: addresses.filter((one) => one.name === name).map(({ address }) => address),
    }
  })
}

function subnetOf(address: string, bits: string): string {
  if (address.includes(':')) return address.replace(/:[^:]*$/, ':')
  return address
    .split('.')
    .slice(0, Math.floor(Number(bits) / 8))
    .join('.')
}

function gatewayOf({ subnet }: Address): string {
  return `${[...subnet.split('.'), '0', '0'].slice(0, 3).join('.')}.1`
}

// "36 35 98:0 /root /point ro,relatime shared:1 - ext4 /dev/sda rw": what is mounted, where and how.
function mountOf(line: string): [key: string, value: string] {
  const [before = '', after = ''] = line.split(' - ')
  const [, , , root = '', point = '', options = '', ...tags] = before.split(' ')
  const [type = '', source = '', superOptions = ''] = after.split(' ')
  const kinds = tags.map((tag) => tag.split(':')[0]).join(' ')
  const own = type === 'overlay' && point === '/'
  return [
    `mounts ${point}`,
    own ? `${options} ${kinds} ${type}` : `${root} ${options} ${kinds} ${type} ${source} ${layers(superOptions)}`,
  ]
}

function layers(options: string): string {
  return options.replace(/(?:lower|upper|work)dir=[^,]*/g, 'layers')
}
