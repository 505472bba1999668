// What a step of LangGraph costs with its own SqliteSaver more than without: `pnpm bench` runs it beside ours.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AIMessage, HumanMessage } from '@langchain/core/messages'
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { SqliteSaver } from '@langchain/langgraph-checkpoint-sqlite'
import { betterSqlite } from './agent/peer.ts'

const rounds = Number(process.argv[2] ?? 40)
const steps = 10
const answer = 'The quick brown fox jumps over the lazy dog. '.repeat(22).slice(0, 900)
const prompt = 'Tell me about foxes and dogs, in some detail please. '.repeat(20).slice(0, 1_000)
const folder = mkdtempSync(join(tmpdir(), 'holdfast-peer-'))
let threads = 0

/** A graph whose node answers at once, ten times: what is measured is the graph. */
function graph(saver?: BaseCheckpointSaver) {
  const graph = new StateGraph(MessagesAnnotation)
    .addNode('model', () => ({ messages: [new AIMessage(answer)] }))
    .addEdge(START, 'model')
    .addConditionalEdges('model', ({ messages }) => (messages.length > steps ? END : 'model'))
  return graph.compile(saver === undefined ? {} : { checkpointer: saver })
}

/** Microseconds of processor and of time for one step. */
async function measure(compiled: ReturnType<typeof graph>, saved: boolean) {
  const config = {
    configurable: { thread_id: `${++threads}` },
    recursionLimit: 2 * steps,
    ...(saved ? { durability: 'sync' as const } : {}),
  }
  const cpu = process.cpuUsage()
  const start = performance.now()
  await compiled.invoke({ messages: [new HumanMessage(prompt)] }, config)
  const us = ((performance.now() - start) * 1_000) / steps
  const { user, system } = process.cpuUsage(cpu)
  return { us, cpuUs: (user + system) / steps }
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN
}

try {
  const bare = graph()
  const saved = graph(new SqliteSaver(betterSqlite(join(folder, 'peer.db'))))
  const added: { us: number; cpuUs: number }[] = []
  for (let round = -5; round < rounds; round++) {
    const without = await measure(bare, false)
    const withSaver = await measure(saved, true)
    if (round < 0) continue
    added.push({ us: withSaver.us - without.us, cpuUs: withSaver.cpuUs - without.cpuUs })
  }
  const result = {
    addedUs: middle(added.map(({ us }) => us)),
    addedCpuUs: middle(added.map(({ cpuUs }) => cpuUs)),
  }
  process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
