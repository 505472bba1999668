import { object } from '../json/json.ts'
import { assign, changed, type MutableObject } from '../request/members.ts'
import { type RequestChange, writePlain } from '../request/request-codec.ts'
import { writeItems, writeSystem } from './items.ts'
import { writeOutput, writeTool, writeToolChoice } from './tools.ts'

/** Writes what changed in a request to the Responses API. */
export function writeRequest(body: MutableObject, change: RequestChange): void {
  const { before, after, originals } = change
  if (changed(before.system, after.system) || changed(before.messages, after.messages)) {
    const { instructions, items } = writeSystem(after.system, originals)
    assign(body, 'instructions', instructions)
    body['input'] = [
      ...items,
      ...after.messages.flatMap((message) => writeItems(message, originals)),
    ]
  }
  if (changed(before.tools, after.tools)) {
    const tools = after.tools.map((tool) => writeTool(tool, originals))
    assign(body, 'tools', tools.length > 0 ? tools : undefined)
  }
  writePlain(body, change, {
    model: 'model',
    parallelToolCalls: 'parallel_tool_calls',
    maxOutputTokens: 'max_output_tokens',
    temperature: 'temperature',
    topP: 'top_p',
    user: 'user',
    metadata: 'metadata',
  })
  if (after.stream !== before.stream) body['stream'] = after.stream
  if (after.toolChoice !== before.toolChoice) {
    assign(body, 'tool_choice', writeToolChoice(after.toolChoice))
  }
  if (after.reasoning !== before.reasoning) {
    const reasoning = { ...object(body['reasoning']) }
    assign(reasoning, 'effort', after.reasoning?.effort)
    assign(body, 'reasoning', Object.keys(reasoning).length > 0 ? reasoning : undefined)
  }
  if (after.output !== before.output) {
    const said = { ...object(body['text']) }
    assign(said, 'format', writeOutput(after.output))
    assign(body, 'text', Object.keys(said).length > 0 ? said : undefined)
  }
}
