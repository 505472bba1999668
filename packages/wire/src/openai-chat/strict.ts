import type { LlmRequest } from '@holdfast/core'
import type { Losses } from '../compose/losses.ts'
import { canBeStrict, plainSchema } from '../compose/schema.ts'

/** Tools and output format as strict as OpenAI can be about their schemas. */
export function asStrict(
  fit: LlmRequest,
  output: LlmRequest['output'],
  losses: Losses,
): Pick<LlmRequest, 'tools' | 'output'> {
  const tools = fit.tools.map((tool) => {
    if (tool.strict !== true || canBeStrict(tool.parameters)) return tool
    losses.detail('strict tool arguments', 'tools')
    return { ...tool, strict: false }
  })
  if (output?.type !== 'json-schema') return { tools, ...(output === undefined ? {} : { output }) }
  const schema = plainSchema(output.schema)
  const strict = output.strict !== false && canBeStrict(schema)
  if (output.strict === true && !strict) losses.detail("strictness of the answer's schema")
  return { tools, output: { ...output, schema, strict } }
}
