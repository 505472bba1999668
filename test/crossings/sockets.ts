import { createRequire } from 'node:module'
import { startLab } from '@holdfast/lab'
import { instrument } from 'holdfast'
import type { HoldfastOptions } from 'holdfast'
import { agentScript } from '../adapters/agent-script.ts'
import type { Played } from '../adapters/run-application.ts'
import { clients } from './clients.ts'
import type { Client } from './clients.ts'

const require = createRequire(import.meta.url)

/**
 * Runs whose steps follow from the callbacks of HTTP clients: a model request, in its callback a tool, after it another
 * request. Sockets stay open and are shared, and a callback may run in the context of whoever opened the socket.
 */
export async function overSharedSockets(runs: number): Promise<Readonly<Record<string, Played>>> {
  await using lab = await startLab({ script: agentScript })
  const { options, seen } = require('../adapters/fixtures/holdfast.mjs') as {
    readonly options: HoldfastOptions
    readonly seen: Pick<Played, 'tools' | 'models'>
  }
  const holdfast = instrument(options)
  const http = clients()
  const played: Record<string, Played> = {}
  try {
    for (const [name, client] of Object.entries(http.all)) {
      const before = { tools: seen.tools.length, models: seen.models.length }
      const marks = Array.from({ length: runs }, (_, index) => `R${index}`)
      await Promise.all(
        marks.map((mark) => holdfast.run({ id: `own-${mark}` }, () => steps(client, mark))),
      )
      const tools = seen.tools.slice(before.tools)
      const models = seen.models.slice(before.models)
      const result = Object.fromEntries(marks.map((mark) => [mark, true]))
      played[name] = { result, tools, models, ran: [], ended: [] }
    }
  } finally {
    http.close()
    await holdfast.uninstrument()
  }
  return played

  async function steps(client: Client, mark: string): Promise<void> {
    const messages = [{ role: 'user', content: `Weather in ${mark}?` }]
    const body = JSON.stringify({ model: 'gpt-lab', messages })
    const url = `${lab.baseUrls.openai}/chat/completions`
    await new Promise<void>((resolve, reject) => {
      const look = (): unknown => {
        const call = { name: 'weather', arguments: { city: mark }, framework: 'own' }
        return holdfast.tool(call, () => 'Sunny')
      }
      const settle = (error?: unknown): void => {
        if (error === undefined) resolve()
        else reject(error)
      }
      client(url, body, (error) => {
        if (error !== undefined) return settle(error)
        void look()
        client(url, body, settle)
      })
    })
  }
}
