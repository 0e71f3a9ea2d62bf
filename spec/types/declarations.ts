// A module that hands on what each public function gives: its declarations name every type that a signature needs.
import { connect } from '../../lib/engine/connect.ts'
import { recordingTransport } from '../support/recording-transport.ts'

/** The entries of the package, and the modules behind them. */
const ENTRIES = ['', '/refresh', '/registry', '/server', '/testing', '/workspace'] as const

/** The text of a module that re-exports the results of all public functions and methods of resources. */
export async function handedOn(): Promise<string> {
  // Written out for the result: the parameters and the result of the function that it is given.
  const lines = [`const call = <P extends readonly unknown[], R>(f: (...given: P) => R): ((...given: P) => R) => f`]
  for (const entry of ENTRIES) {
    const name = entry === '' ? 'main' : entry.slice(1)
    lines.push(`import * as ${name} from 'dockline${entry}'`)
    const module = (await import(`../../lib${entry}/index.ts`)) as Record<string, unknown>
    for (const [key, value] of Object.entries(module)) {
      if (typeof value !== 'function') continue
      const isClass = /^class\b/.test(Function.prototype.toString.call(value))
      lines.push(
        isClass
          ? `export const ${name}_${key} = (value: InstanceType<typeof ${name}.${key}>) => ({ ...value })`
          : `export const ${name}_${key} = call(${name}.${key})`,
      )
    }
  }
  lines.push(`declare const docker: Awaited<ReturnType<typeof main.connect>>`)
  const transport = recordingTransport()
  const docker = await connect({ host: 'unix:///nowhere', apiVersion: '1.41', transport: () => transport })
  for (const [resource, value] of Object.entries(docker)) {
    if (typeof value !== 'object' || value === null) continue
    for (const method of methodsOf(value)) {
      lines.push(`export const ${resource}_${method} = call(docker.${resource}.${method})`)
    }
  }
  await docker.close()
  return `${lines.join('\n')}\n`
}

function methodsOf(value: object): string[] {
  const names = new Set<string>()
  for (
    let at: object | null = value;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at) as object
  ) {
    for (const [name, { value: member }] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if (typeof member === 'function' && name !== 'constructor') names.add(name)
  }
  return [...names]
}
