import { createHash } from 'node:crypto'
import { conversation, react, turns } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'

/**
 * The model of all applications: asked for the weather in a city it looks it up and answers. In Lost it gets the
 * arguments wrong; told to break, it answers 500 for ever. About R1, R2, … it looks twice, and takes its time.
 */
export function agentScript(request: LabRequest): Step {
  const said = turns(request)
    .map(({ text }) => text)
    .join('\n')
  if (said.includes('break')) return { fault: 'server-error' }
  const city = /Weather in (\w+)\?/.exec(JSON.stringify(request.body))?.[1] ?? 'Nowhere'
  const given: Record<string, unknown> = city === 'Lost' ? { town: city } : { city }
  const look = { name: 'weather', arguments: given }
  const marked = /^R\d+$/.test(city)
  const calls = marked ? [look, look] : [look]
  const answer = `That was ${city}.`
  const native = JSON.stringify(request.body).includes('"tools"')
  const step = native ? conversation({ calls, answer })(request) : react({ calls, answer })(request)
  return marked ? { ...step, delayMs: someMs(request) } : step
}

/** From 0 to 15, the same for the same request in the same place. */
function someMs({ index, bodyText }: LabRequest): number {
  return createHash('sha256').update(`${index} ${bodyText.length}`).digest().readUInt8() % 16
}
