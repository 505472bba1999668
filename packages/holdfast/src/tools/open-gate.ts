import type { Approver } from '@holdfast/core'
import type { Security } from '@holdfast/policies/security'
import { toolGate } from '@holdfast/policies/tool-gate'
import type { ToolGate } from '@holdfast/policies/tool-gate'
import type { HoldfastOptions } from '../options.ts'

/** What the tool gate is put together with. */
export interface GateParts {
  readonly approver: Approver
  readonly secured: Security | undefined
  readonly bug: (error: unknown) => void
}

/** The tool gate that the options ask for; undefined where they ask for none. */
export function openGate(
  { tools, approvals, memory }: Pick<HoldfastOptions, 'tools' | 'approvals' | 'memory'>,
  { approver, secured, bug }: GateParts,
): ToolGate | undefined {
  if (tools === false) return undefined
  // A question that nobody is told of would wait for ever: it is refused instead.
  const isSomebodyThere = approvals !== undefined || hasTerminal()
  const offersOwn = typeof memory === 'object' && (memory.tools ?? false) !== false
  return toolGate(offersOwn ? withOwnTools(tools) : tools, {
    bug,
    ...(isSomebodyThere ? { approver } : {}),
    ...(secured && {
      reveal: (text, run) => secured.reveal(text, run),
      permit: (facts) => secured.permit(facts),
    }),
  })
}

/** What memory's own tools keep goes through its own gate, and none of them does anything else. */
function withOwnTools(tools: HoldfastOptions['tools']): Exclude<HoldfastOptions['tools'], false> {
  const options = typeof tools === 'string' ? { preset: tools } : tools || {}
  const own = { class: 'read-only' } as const
  return { ...options, declare: { memory_search: own, memory_save: own, ...options.declare } }
}

function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY
}
