import type { Finding } from '../decision.ts'
import type { Classification } from '../classify/classify.ts'
import type { ToolClass } from '../classify/tool-class.ts'
import type { ToolGatePreset } from './options.ts'

/** What a preset says against a tool, by its class; undefined where it passes. */
export function classFinding(
  preset: ToolGatePreset,
  { toolClass, from }: Classification,
  { harmless }: { readonly harmless: boolean },
): Finding | undefined {
  if (preset === 'strict') {
    if (from === 'unknown') {
      return {
        rule: 'class.unknown',
        verdict: 'deny',
        reason: 'Nobody has said what this tool can do.',
      }
    }
    return toolClass === 'read-only' ? undefined : asked(toolClass)
  }
  // Observing says what guarding would do.
  if (from === 'unknown') {
    return {
      rule: 'class.unknown',
      verdict: 'ask',
      reason: 'Nobody has said what this tool can do; it may do anything.',
    }
  }
  return passing.has(toolClass) || harmless ? undefined : asked(toolClass)
}

/** What is left to the validators when guarding. */
const passing: ReadonlySet<ToolClass> = new Set(['read-only', 'network-read', 'file-write'])

function asked(toolClass: ToolClass): Finding {
  return { rule: `class.${toolClass}`, verdict: 'ask', reason: `${whatItDoes[toolClass]}.` }
}

const whatItDoes: Readonly<Record<ToolClass, string>> = {
  'read-only': 'The tool reads',
  'network-read': 'The tool fetches something from the network',
  'file-write': 'The tool writes files',
  'db-write': 'The tool changes data in a database',
  'network-write': 'The tool sends something over the network',
  communication: 'The tool sends something to people',
  'file-destructive': 'The tool deletes or overwrites files',
  'db-destructive': 'The tool may delete or overwrite data in a database',
  credential: 'The tool works with keys or passwords',
  'identity-admin': 'The tool changes who may do what',
  'infra-destructive': 'The tool changes machines or services that others use',
  payment: 'The tool spends money',
  exec: 'The tool runs commands or code',
}
