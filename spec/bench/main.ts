// `npm run bench [part of a scenario's name]`: dockline beside raw node:http, raw undici and its peers, in one run.
// Ratios are times of the faster raw one over one's own: 1 is as fast, 0.5 takes twice as long.
import { execFileSync, fork, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { BUILD, NAMES, PEERS, type Name } from './contenders.ts'
import { SCENARIOS, measure, median } from './measure.ts'
import { printTable, type Budget, type Row } from './table.ts'

const wanted = process.argv.slice(2)
const isWanted = (what: string): boolean => wanted.length === 0 || wanted.some((part) => what.includes(part))
const SHORT: Budget = { ratio: 0.85, raw: ['undici'], aheadOfPeers: true }
const BUDGETS: readonly [prefix: string, budget: Budget][] = [
  ['ping', SHORT],
  ['inspect', SHORT],
  ['list', SHORT],
  ['pull', { ratio: 0.8, aheadOfPeers: true }],
  ['logs', { ratio: 0.7, aheadOfPeers: true }],
]

// 1. The library as it is shipped, and the peers in a folder of their own.
execFileSync('tsc', ['-p', 'lib', '--outDir', BUILD], { stdio: 'inherit' })
if (!existsSync(join(PEERS, 'node_modules'))) {
  console.error('installing the peers for the first time …')
  execFileSync('npm', ['install', '--no-package-lock', '--no-audit', '--no-fund'], { cwd: PEERS, stdio: 'inherit' })
}

// 2. The engine, in a process of its own.
const dir = mkdtempSync(join(tmpdir(), 'dockline-bench-'))
const socketPath = join(dir, 'docker.sock')
const server = fork('spec/bench/server.ts', [socketPath], { execArgv: ['--import', 'tsx'] })
await once(server, 'message')

// 3. Everybody does everything.
const rows: Row[] = []
for (const scenario of SCENARIOS.filter(({ name }) => isWanted(name))) {
  const values = await measure(scenario, NAMES, socketPath)
  const budget = BUDGETS.find(([prefix]) => scenario.name.startsWith(prefix))?.[1]
  rows.push({ what: scenario.name, unit: 'ms', values, budget })
  console.error(`${scenario.name}: done`)
}

function probe(what: string, name: Name): number {
  const args = ['--expose-gc', '--import', 'tsx', 'spec/bench/probe.ts', what, name, socketPath]
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
}
const MEMORY = [
  ['stall', 'kept before a reader that stalls', { limit: 40, aheadOfPeers: true }],
  ['flat', 'growth over a log of 1 GB', { limit: 40 }],
] as const
for (const [kind, what, budget] of MEMORY) {
  if (!isWanted(what)) continue
  rows.push({ what, unit: 'MB', values: new Map(NAMES.map((name) => [name, probe(kind, name)])), budget })
}

function importTime(specifier: string, from: string): number {
  const code = `const t = performance.now(); await import(${JSON.stringify(specifier)}); console.log(performance.now() - t)`
  return median(
    Array.from({ length: 9 }, () => {
      const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
        cwd: from,
        encoding: 'utf8',
      })
      return Number(stdout)
    }),
  )
}
if (isWanted('import')) {
  const values = new Map<Name, number>([
    ['dockline', importTime(pathToFileURL(join(BUILD, 'index.js')).href, '.')],
    ['node:http', importTime('node:http', '.')],
    ['undici', importTime('undici', '.')],
    ['dockerode', importTime('dockerode', PEERS)],
    ['@docker/node-sdk', importTime('@docker/node-sdk', PEERS)],
  ])
  rows.push({ what: 'import', unit: 'ms', values, budget: { aheadOfPeers: true } })
}

server.kill()
rmSync(dir, { recursive: true })
process.exitCode = printTable(rows, NAMES) ? 0 : 1
