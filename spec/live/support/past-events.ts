import type { Docker } from '../../../lib/engine/connect.ts'
import type { EngineEvent } from '../../../lib/engine/schema/events.ts'
import type { Filters } from '../../../lib/wire/query.ts'

/** What happened in the last minutes. podman 4 now and then answers such a question with nothing: it is asked again. */
export async function pastEvents(docker: Docker, filters: Filters): Promise<EngineEvent[]> {
  const events: EngineEvent[] = []
  for (let tries = 0; tries < 5 && events.length === 0; tries++) {
    const now = Math.floor(Date.now() / 1000)
    for await (const event of docker.system.events({ since: now - 300, until: now + 1, filters })) events.push(event)
  }
  return events
}
