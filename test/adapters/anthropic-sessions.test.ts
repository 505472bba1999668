import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { ToolCall } from '@holdfast/core'
import { instrument } from 'holdfast'
import { expect, test } from 'vitest'

const asked = (id: string, city: string): object => ({
  type: 'agent.custom_tool_use',
  id,
  name: 'weather',
  input: { city },
})

/** The part of Anthropic's sessions that a runner of tools needs: two calls wait to be answered. */
async function startSessions() {
  const answers: unknown[] = []
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      answers.push(await json(request))
      response.setHeader('content-type', 'application/json').end('{"data":[]}')
      return
    }
    if (request.url?.includes('/stream')) {
      response.setHeader('content-type', 'text/event-stream')
      response.flushHeaders()
      return
    }
    const data = [asked('use_1', 'Rome'), asked('use_2', 'Oslo')]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ data, next_page: null }))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    answers,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

test("the tools of a managed agent's session are tool calls of that session, and may be refused", async () => {
  const sessions = await startSessions()
  const calls: ToolCall[] = []
  const holdfast = instrument({
    telemetry: false,
    interceptors: {
      tool: [
        async (call, next) => {
          calls.push(call)
          const isRome = JSON.stringify(call.arguments).includes('Rome')
          return isRome ? { value: 'Not Rome.' } : next(call)
        },
      ],
    },
  })
  const { Anthropic } = await import('@anthropic-ai/sdk')
  const ran: string[] = []
  const weather = {
    name: 'weather',
    input_schema: { type: 'object' as const },
    parse: (input: unknown) => input as { city: string },
    run({ city }: { city: string }) {
      ran.push(city)
      return `Sunny in ${city}`
    },
  }
  const client = new Anthropic({ apiKey: 'none', baseURL: sessions.url })
  const results = []
  for await (const { result } of client.beta.sessions.events.toolRunner('session_1', {
    tools: [weather],
  })) {
    results.push(result?.content)
    if (results.length === 2) break
  }

  const text = (words: string) => [{ type: 'text', text: words }]
  expect(results).toEqual([text('Not Rome.'), text('Sunny in Oslo')])
  expect(ran).toEqual(['Oslo'])
  expect(sessions.answers).toHaveLength(2)
  expect(calls.map(({ toolCallId, run }) => [toolCallId, run?.session])).toEqual([
    ['use_1', 'session_1'],
    ['use_2', 'session_1'],
  ])
  expect(weather.run({ city: 'Bern' })).toBe('Sunny in Bern')
  expect(calls).toHaveLength(2)
  await holdfast.uninstrument()
  sessions.close()
}, 20_000)
