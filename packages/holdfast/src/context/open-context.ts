import { createRequire } from 'node:module'
import type { Interceptor } from '@holdfast/core'
import type { ContextOptions, ContextPorts } from '@holdfast/policies/context'

const require = createRequire(import.meta.url)

/** True: conversations are kept inside of the model's window. `observe`: it is only told where they would be. */
export type ContextSetting = boolean | 'observe' | ContextOptions

/** The context policy, where the options ask for it; else its code is not even loaded. */
export function openContext(
  setting: ContextSetting = false,
  ports: ContextPorts,
): Interceptor | undefined {
  if (setting === false) return undefined
  const { context } =
    require('@holdfast/policies/context') as typeof import('@holdfast/policies/context')
  if (typeof setting === 'object') return context(setting, ports)
  return context(setting === 'observe' ? { mode: 'observe' } : {}, ports)
}
