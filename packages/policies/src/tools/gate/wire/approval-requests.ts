import type { ReplyEvent } from '@holdfast/core'
import type { Proposal } from './proposals.ts'

/**
 * The call that OpenAI would make itself once the application has agreed, where this content asks for that.
 * https://platform.openai.com/docs/guides/tools-connectors-mcp (2026-11-21)
 */
export function approvalRequest({
  name,
  value,
}: Extract<ReplyEvent, { type: 'other-content' }>): Proposal | undefined {
  if (name !== 'mcp_approval_request') return undefined
  const asked = (value ?? {}) as Readonly<Record<string, unknown>>
  return {
    choice: 0,
    index: -1,
    id: textOf(asked['id']),
    name: textOf(asked['name']),
    arguments: textOf(asked['arguments']),
    isRunElsewhere: true,
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
