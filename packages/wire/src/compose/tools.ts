import { present } from '@holdfast/core'
import type { LlmRequest, ToolDefinition } from '@holdfast/core'
import { object } from '../json/json.ts'

import { lostExtra } from './extras.ts'
import type { Losses } from './losses.ts'
import type { FitRules } from './rules.ts'
import { plainSchema } from './schema.ts'

/** The tools that the application runs itself, and the choice among them. */
export function fitTools(
  request: LlmRequest,
  rules: FitRules,
  losses: Losses,
): Pick<LlmRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'> {
  const tools = request.tools.flatMap((tool) => fitTool(tool, rules, losses))
  const { toolChoice, parallelToolCalls } = request
  if (tools.length === 0) return { tools }
  const named = typeof toolChoice === 'object' ? toolChoice.name : undefined
  const offered = named === undefined || tools.some(({ name }) => name === named)
  if (!offered) losses.meaning(`choice of the tool ${named}`, 'tools')
  const serial = parallelToolCalls === false
  if (serial && !rules.parameters.has('parallelToolCalls')) losses.detail('one tool call at a time')
  return {
    tools,
    ...present({
      toolChoice: offered ? toolChoice : undefined,
      parallelToolCalls: serial && rules.parameters.has('parallelToolCalls') ? false : undefined,
    }),
  }
}

function fitTool(tool: ToolDefinition, rules: FitRules, losses: Losses): ToolDefinition[] {
  const { name, description, parameters, strict, provider, extra } = tool
  if (provider !== undefined) {
    losses.meaning(`provider tool ${name}`, 'tools')
    return []
  }
  if (!rules.toolName.test(name)) {
    losses.meaning(`tool named ${name}`, 'tools')
    return []
  }
  lostExtra(extra, losses, 'tools')
  if (strict === true && !rules.strictTools) losses.detail('strict tool arguments', 'tools')
  const schema = object(plainSchema(parameters)) ?? {}
  return [
    {
      name,
      ...present({ description, strict: rules.strictTools && strict === true ? true : undefined }),
      parameters: {
        type: 'object',
        ...schema,
        ...(schema['properties'] ? {} : { properties: {} }),
      },
    },
  ]
}
