// LangGraph's own agent, on LangChain's chat models.
import { ChatAnthropic } from '@langchain/anthropic'
import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { tool } from '@langchain/core/tools'
import { ChatGoogleGenerativeAI } from '@langchain/google-genai'
import { createReactAgent } from '@langchain/langgraph/prebuilt'
import { ChatOpenAI } from '@langchain/openai'
import { instructions, mostRounds } from './driver.ts'
import type { AgentStart, Play } from './driver.ts'

export const play: Play = async (start) => {
  const agent = createReactAgent({
    llm: modelOf(start),
    tools: start.tools.map(({ name, description, parameters: schema }) =>
      tool((given: unknown) => start.execute(name, given), {
        name,
        description,
        schema: schema as never,
      }),
    ),
    prompt: instructions,
  })
  const input = { messages: [{ role: 'user', content: start.question }] }
  const config = { recursionLimit: 2 * mostRounds }
  if (!start.stream) return (await agent.invoke(input, config)).messages.at(-1)?.text ?? ''
  let answer = ''
  // Somebody who wants the messages as they come makes the graph stream its model's replies.
  const parts = await agent.stream(input, { ...config, streamMode: ['messages', 'values'] })
  for await (const [mode, part] of parts) {
    if (mode === 'values') answer = part.messages.at(-1)?.text ?? ''
  }
  return answer
}

function modelOf({ wire, url, stream }: AgentStart): BaseChatModel {
  const all = { apiKey: 'sk-lab', maxRetries: 0, streaming: stream }
  switch (wire) {
    case 'anthropic-messages':
      return new ChatAnthropic({ ...all, model: 'claude-lab', anthropicApiUrl: url })
    case 'gemini':
      return new ChatGoogleGenerativeAI({ ...all, model: 'gemini-lab', baseUrl: url })
    default:
      return new ChatOpenAI({
        ...all,
        model: 'gpt-lab',
        useResponsesApi: wire === 'openai-responses',
        configuration: { baseURL: `${url}/v1` },
      })
  }
}
