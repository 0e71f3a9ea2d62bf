// The command line that podman keeps of each container it made by one: all that was asked for stands there.

/** A flag by its long name without dashes, and its value; `true` for one without. */
export interface Flag {
  readonly name: string
  readonly value: string
}

// Flags of `podman run` and `podman create` that take no value of their own (cmd/podman/common/create.go).
const SWITCHES: ReadonlySet<string> = new Set(
  (
    'detach disable-content-trust env-host help http-proxy init interactive no-healthcheck no-hostname no-hosts ' +
    'oom-kill-disable passwd privileged publish-all quiet read-only read-only-tmpfs replace rm rmi rootfs sig-proxy ' +
    'tls-verify tty unsetenv-all'
  ).split(' '),
)

const SHORT: Readonly<Record<string, string>> = {
  a: 'attach',
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  p: 'publish',
  P: 'publish-all',
  q: 'quiet',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
}

const ALIASES: Readonly<Record<string, string>> = { net: 'network', 'dns-opt': 'dns-option', storage: 'storage-opt' }

/** The flags of a `podman run` or `podman create`, in their order; `undefined` for any other command, and for none. */
export function readCreateCommand(command: readonly string[]): Flag[] | undefined {
  const at = command.findIndex((word, i) => i > 0 && (word === 'run' || word === 'create'))
  // `podman pod create` and `podman kube play` make containers of which this line does not tell.
  if (at < 0 || ['pod', 'kube', 'play'].includes(command[at - 1] ?? '')) return undefined
  const flags: Flag[] = []
  const words = command.slice(at + 1)
  for (let word = words.shift(); word !== undefined && isFlag(word); word = words.shift()) {
    if (word === '--') break
    const long = word.startsWith('--')
    const [name, given] = long ? split(word.slice(2)) : shortFlags(word.slice(1), flags)
    const known = long ? (ALIASES[name] ?? name) : name
    flags.push({ name: known, value: given ?? (SWITCHES.has(known) ? 'true' : (words.shift() ?? '')) })
  }
  return flags
}

function isFlag(word: string): boolean {
  return word.length > 1 && word.startsWith('-')
}

function split(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

// `-dit` is three of them, `-eA=1` and `-e=A=1` one with its value.
function shortFlags(letters: string, flags: Flag[]): [name: string, value: string | undefined] {
  for (let i = 0; ; i++) {
    const letter = letters.charAt(i)
    const name = SHORT[letter] ?? letter
    const rest = letters.slice(i + 1)
    if (rest === '') return [name, undefined]
    if (!SWITCHES.has(name) || rest.startsWith('=')) return [name, rest.replace(/^=/, '')]
    flags.push({ name, value: 'true' })
  }
}

/** Values of a flag, in their order. */
export function valuesOf(flags: readonly Flag[], name: string): string[] {
  return flags.filter((flag) => flag.name === name).map(({ value }) => value)
}

/** An address that was asked for, by network name; empty for the network of a container that names none. */
export interface AskedAddress {
  readonly ipv4?: string | undefined
  readonly ipv6?: string | undefined
  readonly mac?: string | undefined
}

/** `--network NAME:ip=…,mac=…`, and `--ip`, `--ip6`, `--mac-address`, which belong to the first network. */
export function addressesOf(flags: readonly Flag[]): Map<string, AskedAddress> {
  const found = new Map<string, AskedAddress>()
  for (const value of valuesOf(flags, 'network').flatMap(networks)) {
    const [name = '', options = ''] = value.split(/:(.*)/s)
    const option = (key: string): string[] =>
      options.split(',').flatMap((entry) => (entry.startsWith(`${key}=`) ? [entry.slice(key.length + 1)] : []))
    const ips = option('ip')
    found.set(name === 'bridge' ? '' : name, {
      ipv4: ips.find((ip) => !ip.includes(':')),
      ipv6: option('ip6')[0] ?? ips.find((ip) => ip.includes(':')),
      mac: option('mac')[0],
    })
  }
  const [first = ''] = found.keys()
  const own = { ipv4: last(flags, 'ip'), ipv6: last(flags, 'ip6'), mac: last(flags, 'mac-address') }
  const before = found.get(first)
  return found.set(first, {
    ipv4: own.ipv4 ?? before?.ipv4,
    ipv6: own.ipv6 ?? before?.ipv6,
    mac: own.mac ?? before?.mac,
  })
}

// Without options several may stand in one flag: `--network a,b`.
function networks(value: string): string[] {
  return value.includes(':') ? [value] : value.split(',')
}

function last(flags: readonly Flag[], name: string): string | undefined {
  return valuesOf(flags, name).at(-1)
}
