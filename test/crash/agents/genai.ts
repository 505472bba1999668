// Automatic function calling of @google/genai. The calls of a round are run one after the other.
import { GoogleGenAI } from '@google/genai'
import type { CallableTool, Part } from '@google/genai'
import type { ToolPlace } from '../truth.ts'
import { instructions, question, recordTool } from './agent.ts'
import type { PlayAgent } from './agent.ts'

export const play: PlayAgent = async ({ job, record }) => {
  const client = new GoogleGenAI({ apiKey: 'lab', httpOptions: { baseUrl: job.providerUrl } })
  const { name, description, parameters } = recordTool
  const recording: CallableTool = {
    tool: async () => ({
      functionDeclarations: [{ name, description, parametersJsonSchema: parameters }],
    }),
    async callTool(calls) {
      const parts: Part[] = []
      for (const { id, args } of calls) {
        const output = await record(args as unknown as ToolPlace)
        const response = { output }
        parts.push({ functionResponse: { ...(id === undefined ? {} : { id }), name, response } })
      }
      return parts
    },
  }
  const request = {
    model: 'gemini-lab',
    contents: question,
    config: {
      systemInstruction: job.instructions ?? instructions,
      tools: [recording],
      automaticFunctionCalling: { maximumRemoteCalls: job.work.rounds + 5 },
    },
  }
  if (job.cell.reply === 'whole') return (await client.models.generateContent(request)).text ?? ''
  let answer = ''
  for await (const chunk of await client.models.generateContentStream(request)) {
    for (const { text } of chunk.candidates?.[0]?.content?.parts ?? []) answer += text ?? ''
  }
  return answer
}
