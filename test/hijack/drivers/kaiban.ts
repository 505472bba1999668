// A KaibanJS team of one.
import { tool } from '@langchain/core/tools'
import { instructions, mostRounds } from './driver.ts'
import type { AgentStart, Play } from './driver.ts'

export const play: Play = async (start) => {
  process.env['KAIBAN_TELEMETRY_OPT_OUT'] = '1'
  const { Agent, Task, Team } = await import('kaibanjs')
  const agent = new Agent({
    name: 'Ada',
    role: 'Helper',
    goal: instructions,
    background: 'Helping',
    maxIterations: mostRounds,
    // KaibanJS 0.23 is typed against the tools of @langchain/core 0.3; it runs those of 1.x just the same.
    tools: start.tools.map(({ name, description, parameters: schema }) =>
      tool((given: unknown) => start.execute(name, given), {
        name,
        description,
        schema: schema as never,
      }),
    ) as never,
    llmConfig: llmConfig(start) as never,
  })
  const task = new Task({ description: start.question, expectedOutput: 'A sentence', agent })
  const team = new Team({
    name: 'Helpers',
    agents: [agent],
    tasks: [task],
    memory: false,
    logLevel: 'error',
  })
  const { status, result } = await team.start()
  if (typeof result !== 'string') throw new Error(`the team stopped: ${status}`)
  return result
}

function llmConfig({ wire, url, stream }: AgentStart): object {
  const all = { apiKey: 'sk-lab', streaming: stream }
  switch (wire) {
    case 'anthropic-messages':
      return { ...all, provider: 'anthropic', model: 'claude-lab', apiBaseUrl: url }
    case 'gemini':
      return { ...all, provider: 'google', model: 'gemini-lab', apiBaseUrl: url }
    default:
      return { ...all, provider: 'openai', model: 'gpt-lab', apiBaseUrl: `${url}/v1` }
  }
}
