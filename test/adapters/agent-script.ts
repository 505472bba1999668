import { createHash } from 'node:crypto'
import { conversation, offeredTools, react, turns } from '@holdfast/lab'
import type { LabRequest, ScriptedCall, Step } from '@holdfast/lab'

/**
 * The model of all applications: asked for the weather in a city it looks it up and answers; where it cannot, it hands
 * over to an agent that can. In Lost it gets the arguments wrong; told to break, it answers 500 for ever. About R1, R2, …
 * it looks twice, and takes its time.
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
  const step = native
    ? conversation({ calls: handedOver(request, calls), answer })(request)
    : react({ calls, answer })(request)
  return marked ? { ...step, delayMs: someMs(request) } : step
}

/** What an agent calls that handed over, or that was handed over to: those calls stand in its conversation too. */
function handedOver(request: LabRequest, calls: readonly ScriptedCall[]): readonly ScriptedCall[] {
  const offered = offeredTools(request)
  const handoff = offered.find((name) => name.startsWith('transfer_to_'))
  if (handoff !== undefined && !offered.includes('weather')) {
    return [{ name: handoff, arguments: {} }]
  }
  const before = turns(request).filter(
    ({ from, text }) => from === 'tool' && /transferred to|"assistant"/.test(text),
  )
  return [...before.map(() => ({ name: 'weather', arguments: {} })), ...calls]
}

/** From 0 to 15, the same for the same request in the same place. */
function someMs({ index, bodyText }: LabRequest): number {
  return createHash('sha256').update(`${index} ${bodyText.length}`).digest().readUInt8() % 16
}
