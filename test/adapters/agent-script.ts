import { conversation, react, turns } from '@holdfast/lab'
import type { LabRequest, Step } from '@holdfast/lab'

/**
 * The model of all three applications: asked for the weather in a city it looks it up and answers. In Lost it gets the
 * arguments wrong; told to break, it answers 500 for ever.
 */
export function agentScript(request: LabRequest): Step {
  const said = turns(request)
    .map(({ text }) => text)
    .join('\n')
  if (said.includes('break')) return { fault: 'server-error' }
  const city = /Weather in (\w+)\?/.exec(JSON.stringify(request.body))?.[1] ?? 'Nowhere'
  const given: Record<string, unknown> = city === 'Lost' ? { town: city } : { city }
  const calls = [{ name: 'weather', arguments: given }]
  const answer = `That was ${city}.`
  const native = JSON.stringify(request.body).includes('"tools"')
  return native ? conversation({ calls, answer })(request) : react({ calls, answer })(request)
}
