import type { Files } from '../../lib/base/ports.ts'

type Probed = Awaited<ReturnType<Files['probe']>>

export interface FakeFiles extends Pick<Files, 'probe' | 'readText'> {
  /** Paths that were read, in order. */
  readonly read: string[]
}

/** Files from a table: texts by path, sockets by what a probe says. An Error in place of a text is thrown. */
export function fakeFiles(
  texts: Readonly<Record<string, string | Error>> = {},
  sockets: Readonly<Record<string, Probed>> = {},
): FakeFiles {
  const read: string[] = []
  return {
    read,
    readText: async (path) => {
      read.push(path)
      const text = texts[path]
      if (text instanceof Error) throw text
      return text
    },
    probe: async (path) => sockets[path] ?? 'absent',
  }
}
