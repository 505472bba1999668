import { httpHeaders } from '@holdfast/core'
import type { ToolDefinition } from '@holdfast/core'
import type { ReadEntry, RunsApi } from '@holdfast/journal'
import { formats } from '@holdfast/wire'
import type { SeenCalls, SeenTool } from './facts.ts'

export interface JournalFacts {
  readonly tools: readonly SeenTool[]
  readonly calls: SeenCalls
}

/** So many of the newest runs are looked at. */
const mostRuns = 50

/** What the newest runs of a journal show: tools, and whose the calls were. What was said is read and not kept. */
export async function readJournal(runs: RunsApi): Promise<JournalFacts> {
  const tools = new Map<string, SeenTool>()
  const calls = { calls: 0, withoutRun: 0, withoutUser: 0, withoutAgent: 0 }
  for (const { id, user, agent } of await runs.list({ limit: mostRuns })) {
    const entries = await runs.entries(id)
    for (const { kind, data } of entries) {
      if (kind === 'llm') {
        calls.calls++
        if (user === undefined) calls.withoutUser++
        if (agent === undefined) calls.withoutAgent++
      } else if (kind === 'tool-intent') {
        const before = tools.get(data.name) ?? { name: data.name, ran: 0, isDeclared: false }
        tools.set(data.name, { ...before, ran: before.ran + 1 })
      }
    }
    for (const { name, description, parameters, provider } of await toolsTold(runs, id, entries)) {
      const before = tools.get(name) ?? { name, ran: 0, isDeclared: false }
      if (provider === undefined) tools.set(name, { ...before, description, parameters })
    }
  }
  return { tools: [...tools.values()], calls: { ...calls, withoutPromptVersion: undefined } }
}

/** The tools that a run's last request told the model of. */
async function toolsTold(
  runs: RunsApi,
  id: string,
  entries: readonly ReadEntry[],
): Promise<readonly ToolDefinition[]> {
  const last = entries.findLast(({ kind, data }) => kind === 'llm' && data.operation === 'chat')
  if (last?.kind !== 'llm') return []
  const format = formats.find(({ name }) => name === last.data.format)
  const body = await runs.request(id, last.seq)
  if (format === undefined || body === undefined) return []
  try {
    const http = {
      method: 'POST',
      url: `https://localhost/models/${last.data.model}`,
      headers: httpHeaders(),
      body: Buffer.from(body),
      signal: undefined,
      layer: 'fetch' as const,
    }
    return format.readRequest(http, 'chat').tools
  } catch {
    return []
  }
}
