import { httpHeaders, type LlmRequest, type Part, type WireFormat, present } from '@holdfast/core'
import { providerOf } from '../endpoints/provider.ts'
import { type MutableObject } from '../request/members.ts'
import { Originals } from '../request/originals.ts'
import type { RequestCodec } from '../request/request-codec.ts'
import { lostExtra, lostMembers } from './extras.ts'
import { Losses } from './losses.ts'
import { fitParameters } from './parameters.ts'
import type { FitRules } from './rules.ts'
import { fitTools } from './tools.ts'
import { fitMessages } from './turns.ts'

/** How a format composes a request from the neutral form alone. */
export interface Composer {
  readonly codec: RequestCodec
  /** Where the provider itself takes requests. */
  url(request: LlmRequest): string
  /** Beside the content type and the key. */
  readonly headers?: Readonly<Record<string, string>>
  rules(model: string): FitRules
  /** What the format says in its own way: output format, reasoning, length; and `extra`, what it always says. */
  finish(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest
}

/** `composeRequest` of a format: the request is brought into a shape that the provider takes, then written as ever. */
export function composeWith(composer: Composer): NonNullable<WireFormat['composeRequest']> {
  const { codec, headers = {} } = composer
  return (asked) => {
    const losses = new Losses()
    const rules = composer.rules(asked.model)
    const fit: LlmRequest = {
      model: asked.model,
      stream: asked.stream,
      system: asked.system.flatMap((part) => fitSystem(part, losses)),
      messages: fitMessages(asked.messages, rules, losses),
      ...fitTools(asked, rules, losses),
      ...fitParameters(asked, rules, losses),
      extra: {},
    }
    lostMembers(asked, losses)
    const after = composer.finish(fit, asked, losses)
    const url = composer.url(after)
    const originals = new Originals()
    const before = codec.read({}, { url: '', operation: 'chat', originals })
    const body: MutableObject = { ...after.extra }
    codec.write(body, { before, after, operation: 'chat', originals })
    return {
      url,
      headers: httpHeaders({ 'content-type': 'application/json', ...headers }),
      body: JSON.stringify(body),
      provider: providerOf(url),
      losses: losses.list,
    }
  }
}

function fitSystem(part: Part, losses: Losses): Part[] {
  if (part.type !== 'text') {
    losses.meaning(part.type === 'media' ? part.kind : part.type, 'system')
    return []
  }
  lostExtra(part.extra, losses, 'system')
  return part.text.trim() === '' ? [] : [{ type: 'text', text: part.text }]
}

/** The request with words in place of an output format that the provider cannot hold its model to. */
export function outputInWords(fit: LlmRequest, asked: LlmRequest, losses: Losses): LlmRequest {
  const { output } = asked
  if (output === undefined || output.type === 'text') return fit
  const schema = output.type === 'json-schema' ? JSON.stringify(output.schema) : undefined
  losses.detail(schema === undefined ? 'JSON mode, said in words' : 'JSON schema, said in words')
  const words = 'Answer with one JSON object and nothing else.'
  const said = schema === undefined ? words : `${words} It has to fit this JSON schema: ${schema}`
  return { ...fit, system: [...fit.system, { type: 'text', text: said }] }
}

/** The effort that a number of thinking tokens stands for, and the other way round. */
const budgets = { minimal: 1024, low: 2048, medium: 8192, high: 24_576, xhigh: 32_768, max: 65_536 }

/** How much reasoning is asked for, in words. */
export function effortOf(
  { reasoning }: LlmRequest,
  allowed: readonly string[],
  losses: Losses,
): string | undefined {
  if (reasoning === undefined) return undefined
  let { effort } = reasoning
  const { budgetTokens } = reasoning
  if (effort === undefined && budgetTokens !== undefined) {
    // -1 leaves it to the model, as saying nothing does.
    if (budgetTokens < 0) return undefined
    losses.detail('reasoning budget, said as an effort')
    const found = Object.entries(budgets).find(([, most]) => budgetTokens <= most)
    effort = budgetTokens === 0 ? 'none' : (found?.[0] ?? 'max')
  }
  if (effort === undefined || allowed.includes(effort)) return effort
  losses.detail(`reasoning effort ${effort}`)
  const scale = ['none', ...Object.keys(budgets)]
  const wanted = scale.indexOf(effort)
  const nearest = allowed.toSorted(
    (a, b) => Math.abs(scale.indexOf(a) - wanted) - Math.abs(scale.indexOf(b) - wanted),
  )
  return wanted < 0 ? undefined : nearest[0]
}

/** How much reasoning is asked for, in tokens. */
export function budgetOf({ reasoning }: LlmRequest, losses: Losses): number | undefined {
  if (reasoning === undefined) return undefined
  const { effort, budgetTokens } = reasoning
  if (budgetTokens !== undefined || effort === undefined) return budgetTokens
  losses.detail('reasoning effort, said as a budget')
  return effort === 'none' ? 0 : (budgets as Readonly<Record<string, number>>)[effort]
}

/** The output format as it was asked for, its schema in JSON Schema proper. */
export function outputOf({ output }: LlmRequest): Pick<LlmRequest, 'output'> {
  return present({ output: output?.type === 'text' ? undefined : output })
}
