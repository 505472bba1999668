// LangGraph's own agent, with and without its own checkpointer.
import { tool } from '@langchain/core/tools'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import type { BaseCheckpointSaver } from '@langchain/langgraph'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { AgentStart, PlayAgent } from './agent.ts'

export const play: PlayAgent = (start) => playFrom(start)

/** The same agent; a saver makes it go on from its last checkpoint. */
export async function playFrom(
  { job, record }: AgentStart,
  checkpointer?: BaseCheckpointSaver,
): Promise<string> {
  const llm = new ChatOpenAI({
    model: 'gpt-lab',
    apiKey: 'sk-lab',
    configuration: { baseURL: `${job.providerUrl}/v1` },
  })
  const agent = createReactAgent({
    llm,
    tools: [
      tool(record, {
        name: recordTool.name,
        description: recordTool.description,
        schema: z.object({ step: z.number(), slot: z.number() }),
      }),
    ],
    prompt: job.instructions ?? instructions,
    ...(checkpointer === undefined ? {} : { checkpointer }),
  })
  const config = {
    configurable: { thread_id: job.runId },
    recursionLimit: 4 * (job.work.rounds + 2),
    ...(checkpointer === undefined ? {} : { durability: 'sync' as const }),
  }
  const begun = (await checkpointer?.getTuple(config)) !== undefined
  const input = begun ? null : { messages: [{ role: 'user', content: question }] }
  if (job.cell.reply === 'whole') {
    const { messages } = await agent.invoke(input, config)
    return messages.at(-1)?.text ?? ''
  }
  let answer = ''
  // Somebody who wants the messages as they come makes the graph stream its model's replies.
  const parts = await agent.stream(input, { ...config, streamMode: ['messages', 'values'] })
  for await (const [mode, part] of parts) {
    if (mode === 'values') answer = part.messages.at(-1)?.text ?? ''
  }
  return answer
}
