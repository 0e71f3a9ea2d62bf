import { Exit, type Running } from './shell-process.ts'

type ShellProgram = (process: Running) => number

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const lines = (input: string): string[] => input.split('\n').slice(0, input.endsWith('\n') ? -1 : undefined)
const unescape = (value: string): string =>
  value.replace(/\\([nt\\])/g, (_, letter: string) => (letter === 'n' ? '\n' : letter === 't' ? '\t' : '\\'))
const operands = ({ argv }: Running): string[] => argv.slice(1).filter((arg) => !arg.startsWith('-') || arg === '-')
const has = ({ argv }: Running, letter: string): boolean =>
  argv.slice(1).some((arg) => /^-[a-zA-Z]+$/.test(arg) && arg.includes(letter))

/** What the operands hold, or stdin when there are none; `undefined` after a complaint. */
function input(process: Running, names: readonly string[]): string | undefined {
  let all = ''
  let failed = false
  for (const name of names.length === 0 ? ['-'] : names) {
    const data = name === '-' ? Buffer.from(process.stdin) : process.host.read(process.path(name))
    if (data !== undefined) {
      all += text(data)
      continue
    }
    const isFolder = process.host.list(process.path(name)) !== undefined
    process.err(
      isFolder
        ? `${process.argv[0]}: read error: Is a directory\n`
        : `${process.argv[0]}: can't open '${name}': No such file or directory\n`,
    )
    failed = true
  }
  if (failed && all !== '') process.out(all)
  return failed ? undefined : all
}

function count({ argv }: Running): number {
  const at = argv.findIndex((arg) => /^-n?\d*$/.test(arg) && arg !== '-')
  const option = argv[at] ?? ''
  return Number(/\d+/.exec(option)?.[0] ?? (option === '-n' ? argv[at + 1] : '10'))
}

function isTrue(process: Running, args: readonly string[]): boolean {
  const [first = '', second = '', third = ''] = args
  if (first === '!') return !isTrue(process, args.slice(1))
  const path = process.path(second)
  if (args.length === 2) {
    if (first === '-f') return process.host.read(path) !== undefined
    if (first === '-d') return process.host.list(path) !== undefined
    if (first === '-e') return process.host.read(path) !== undefined || process.host.list(path) !== undefined
    if (first === '-s') return (process.host.read(path)?.length ?? 0) > 0
    return first === '-z' ? second === '' : second !== ''
  }
  if (args.length < 3) return first !== ''
  if (second === '!=') return first !== third
  if (second === '-eq') return Number(first) === Number(third)
  if (second === '-ne') return Number(first) !== Number(third)
  if (second === '-gt') return Number(first) > Number(third)
  return second === '-lt' ? Number(first) < Number(third) : first === third
}

function test(process: Running): number {
  const args = process.argv.slice(1)
  return isTrue(process, args.at(-1) === ']' ? args.slice(0, -1) : args) ? 0 : 1
}

function shell(process: Running): number {
  const at = process.argv.findIndex((arg) => /^-[a-z]*c$/.test(arg))
  return process.script(at < 0 ? process.stdin : (process.argv[at + 1] ?? ''))
}

function seconds(value: string): number {
  const [, number = '0', unit = 's'] = /^([\d.]+)([smhd]?)$/.exec(value) ?? []
  return value.startsWith('inf') ? Infinity : Number(number) * 1000 * ({ m: 60, h: 3600, d: 86_400 }[unit] ?? 1)
}

function follow(process: Running): number {
  process.sleep(Infinity)
  return 0
}

function printEnv(process: Running): number {
  const [name] = operands(process)
  if (name !== undefined && process.argv[0] !== 'env') {
    const value = process.env.get(name)
    if (value !== undefined) process.out(`${value}\n`)
    return value === undefined ? 1 : 0
  }
  for (const [key, value] of process.env) process.out(`${key}=${value}\n`)
  return 0
}

function id(process: Running): number {
  const { user } = process.host
  const row = lines(text(process.host.read('/etc/passwd') ?? Buffer.from('root:x:0:0'))).map((line) => line.split(':'))
  const [name = user, , uid = user, gid = '0'] = row.find(([name, , uid]) => name === user || uid === user) ?? []
  if (process.argv[0] === 'whoami' || (has(process, 'u') && has(process, 'n'))) process.out(`${name}\n`)
  else if (has(process, 'u')) process.out(`${uid}\n`)
  else if (has(process, 'g')) process.out(`${gid}\n`)
  else process.out(`uid=${uid}(${name}) gid=${gid}(${name})\n`)
  return 0
}

function list(process: Running): number {
  const names = operands(process)
  let code = 0
  for (const name of names.length === 0 ? ['.'] : names) {
    const path = process.path(name)
    const found = process.host.list(path) ?? (process.host.read(path) === undefined ? undefined : [name])
    if (found === undefined) {
      process.err(`ls: ${name}: No such file or directory\n`)
      code = 1
    } else for (const entry of found) process.out(`${entry}\n`)
  }
  return code
}

function remove(process: Running): number {
  let code = 0
  for (const name of operands(process)) {
    if (process.host.remove(process.path(name)) || has(process, 'f')) continue
    process.err(`rm: can't remove '${name}': No such file or directory\n`)
    code = 1
  }
  return code
}

function touch(process: Running): number {
  for (const name of operands(process)) {
    const path = process.path(name)
    if (process.host.write(path, process.host.read(path) ?? new Uint8Array())) continue
    process.err(`touch: ${name}: Read-only file system\n`)
    return 1
  }
  return 0
}

/** The programs of the small shell, by name. */
export const PROGRAMS: Readonly<Record<string, ShellProgram>> = {
  ':': () => 0,
  '[': test,
  ash: shell,
  bash: shell,
  busybox: (process) => process.run(process.argv.slice(1)),
  cat: (process) => {
    const all = input(process, operands(process))
    if (all !== undefined) process.out(all)
    return all === undefined ? 1 : 0
  },
  cd: (process) => {
    process.cwd = process.path(process.argv[1] ?? '/root')
    return 0
  },
  date: (process) => {
    process.out('Thu Jan  1 00:00:00 UTC 2026\n')
    return 0
  },
  echo: (process) => {
    const flags = /^-[ne]+$/.test(process.argv[1] ?? '') ? (process.argv[1] ?? '') : ''
    const line = process.argv.slice(flags === '' ? 1 : 2).join(' ')
    process.out(`${flags.includes('e') ? unescape(line) : line}${flags.includes('n') ? '' : '\n'}`)
    return 0
  },
  env: printEnv,
  exec: (process) => process.run(process.argv.slice(1)),
  exit: (process) => {
    throw new Exit(Number(process.argv[1] ?? '0') & 0xff)
  },
  export: (process) => {
    for (const arg of operands(process)) {
      const [name = '', ...value] = arg.split('=')
      if (arg.includes('=')) process.env.set(name, value.join('='))
    }
    return 0
  },
  false: () => 1,
  grep: (process) => {
    const [pattern = '', ...names] = operands(process)
    const all = input(process, names)
    if (all === undefined) return 2
    const found = lines(all).filter((line) => new RegExp(pattern).test(line) !== has(process, 'v'))
    if (!has(process, 'q')) for (const line of found) process.out(`${line}\n`)
    return found.length > 0 ? 0 : 1
  },
  head: (process) => {
    const all = input(
      process,
      operands(process).filter((name) => !/^\d+$/.test(name)),
    )
    if (all !== undefined) for (const line of lines(all).slice(0, count(process))) process.out(`${line}\n`)
    return all === undefined ? 1 : 0
  },
  hostname: (process) => {
    process.out(`${process.host.hostname}\n`)
    return 0
  },
  id,
  ls: list,
  printenv: printEnv,
  printf: (process) => {
    const [format = '', ...args] = process.argv.slice(1)
    process.out(unescape(format).replace(/%[sd]/g, () => args.shift() ?? ''))
    return 0
  },
  pwd: (process) => {
    process.out(`${process.cwd}\n`)
    return 0
  },
  rm: remove,
  seq: (process) => {
    const [a = 1, b] = operands(process).map(Number)
    for (let i = b === undefined ? 1 : a; i <= (b ?? a); i++) process.out(`${i}\n`)
    return 0
  },
  set: () => 0,
  sh: shell,
  sleep: (process) => {
    process.sleep(seconds(process.argv[1] ?? '0'))
    return 0
  },
  sync: () => 0,
  tail: (process) => {
    const all = input(
      process,
      operands(process).filter((name) => !/^\d+$/.test(name) && name !== '/dev/null'),
    )
    if (all !== undefined) for (const line of lines(all).slice(-count(process))) process.out(`${line}\n`)
    return has(process, 'f') ? follow(process) : all === undefined ? 1 : 0
  },
  test,
  touch,
  trap: () => 0,
  nc: (process) => {
    if (process.argv.some((arg) => /^-\w*z/.test(arg)) && process.host.listens) return 0
    process.err(`nc: can't connect to remote host: Connection refused\n`)
    return 1
  },
  true: () => 0,
  uname: (process) => {
    process.out(`${has(process, 'm') ? 'x86_64' : has(process, 'r') ? '6.1.0' : 'Linux'}\n`)
    return 0
  },
  wait: () => 0,
  wc: (process) => {
    const all = input(process, operands(process))
    if (all !== undefined) process.out(`${has(process, 'c') ? Buffer.byteLength(all) : lines(all).length}\n`)
    return all === undefined ? 1 : 0
  },
  whoami: id,
}
