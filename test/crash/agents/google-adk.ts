// An agent of Google's Agent Development Kit, which runs the calls of a round one after the other.
import { FunctionTool, Gemini, InMemoryRunner, LlmAgent, StreamingMode } from '@google/adk'
import { z } from 'zod'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  process.env['GOOGLE_GEMINI_BASE_URL'] = job.providerUrl
  const agent = new LlmAgent({
    name: 'Recorder',
    instruction: job.instructions ?? instructions,
    model: new Gemini({ model: 'gemini-lab', apiKey: 'lab' }),
    tools: [
      new FunctionTool({
        name: recordTool.name,
        description: recordTool.description,
        parameters: z.object({ step: z.number(), slot: z.number() }),
        execute: (place) => record(place),
      }),
    ],
  })
  const runner = new InMemoryRunner({ agent, appName: 'recording' })
  const session = { userId: 'ada', sessionId: job.runId }
  await runner.sessionService.createSession({ appName: 'recording', ...session })
  const events = runner.runAsync({
    ...session,
    newMessage: { role: 'user', parts: [{ text: question }] },
    runConfig: {
      streamingMode: job.cell.reply === 'stream' ? StreamingMode.SSE : StreamingMode.NONE,
    },
  })
  let answer = ''
  for await (const { partial, content, errorMessage } of events) {
    if (errorMessage !== undefined) throw new Error(errorMessage)
    if (partial === true) continue
    answer = (content?.parts ?? []).map(({ text }) => text ?? '').join('')
  }
  return answer
}
