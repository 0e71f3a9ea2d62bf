import { isTrue, type Call } from './call.ts'
import type { Container } from './container.ts'
import { emitContainer } from './events.ts'
import { stdinOf } from './exec.ts'
import { logs } from './logs.ts'
import { outputType, write } from './output.ts'
import { endStdin } from './process.ts'
import { stream, type Reply } from './reply.ts'
import type { World } from './world.ts'

/** `POST /containers/{id}/attach`: what was written (`logs`) and what comes (`stream`). */
export function attachOutput(world: World, container: Container, call: Call): Reply {
  const query = new URLSearchParams(call.query)
  if (isTrue(query.get('stream'))) query.set('follow', '1')
  if (!isTrue(query.get('logs'))) query.set('tail', '0')
  // Who attaches before the start hears it from the first word to the end.
  const ended = container.exits
  const from = container.logs.length
  const output = logs(world, container, { ...call, query }, { lasts: () => container.exits === ended, from })
  const tty = container.config['Tty'] === true
  if (call.headers['upgrade'] === undefined) return stream(output, 'application/vnd.docker.raw-stream')
  return {
    status: 101,
    body: {
      type: outputType(call, tty, 'hijack') ?? '',
      hijack: async (socket) => {
        emitContainer(world, container, 'attach')
        const reads = isTrue(query.get('stdin')) && container.config['OpenStdin'] === true
        if (reads) void stdinOf(socket).then((text) => endStdin(world, container, text))
        else socket.resume()
        for await (const chunk of output) if (!write(socket, chunk)) return
        socket.end()
      },
    },
  }
}
