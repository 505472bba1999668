import { present } from '@holdfast/core'
import type { LlmRequest } from '@holdfast/core'

import type { Losses } from './losses.ts'
import type { FitRules } from './rules.ts'

/** Members that are carried as they are or not at all, and what it is to be without one. */
const plain = {
  temperature: 'detail',
  topP: 'detail',
  topK: 'detail',
  seed: 'detail',
  frequencyPenalty: 'detail',
  presencePenalty: 'detail',
  // An agent that parses text relies on where it ends.
  stopSequences: 'meaning',
  user: 'detail',
  metadata: 'detail',
} as const

/** The members without structure that the provider takes. */
export function fitParameters(
  request: LlmRequest,
  { parameters }: FitRules,
  losses: Losses,
): Partial<LlmRequest> {
  const fit: Record<string, unknown> = {}
  for (const [name, severity] of Object.entries(plain) as [keyof typeof plain, 'detail'][]) {
    const value = request[name]
    if (value === undefined || isEmpty(value) || isDefault(name, value)) continue
    if (parameters.has(name)) fit[name] = value
    else if (name !== 'metadata' || !onlyNamesUser(request)) losses[severity](name)
  }
  return present({ ...fit, maxOutputTokens: request.maxOutputTokens })
}

/** Below zero they say that nothing is asked for. */
function isDefault(name: string, value: unknown): boolean {
  return (name === 'topP' || name === 'topK') && typeof value === 'number' && value < 0
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

/** Anthropic's metadata is the user's id, which has a name of its own. */
function onlyNamesUser({ metadata = {}, user }: LlmRequest): boolean {
  return user !== undefined && Object.keys(metadata).every((name) => name === 'user_id')
}
