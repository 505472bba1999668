import type { Adapter } from 'holdfast'
import { identify, listenForStarts, mustTellOfStarts } from './late-integration.ts'
import { generations, patchGenerations } from './patch-generations.ts'
import { patchTools } from './patch-tools.ts'
import { patchVoltAgent } from './patch-voltagent.ts'
import type { ErrorClasses } from './retries.ts'

/** Ties the AI SDK to Holdfast, and VoltAgent, which stands on it. */
export const adapter: Adapter = {
  name: 'ai-sdk',
  targets: [
    {
      specifier: 'ai',
      file: /\/node_modules\/ai\/dist\/index\.(?:mjs|js)$/,
      functions: ['executeToolCall', ...generations],
      attach(exports, host, functions) {
        if (functions === undefined) {
          mustTellOfStarts(exports)
          return listenForStarts(host)
        }
        try {
          patchTools(functions, host)
          patchGenerations(
            functions as Readonly<Record<string, unknown>>,
            exports as unknown as ErrorClasses,
            host,
          )
        } catch (error) {
          // A version with other functions may still tell of its starts.
          listenForStarts(host)
          throw error
        }
      },
    },
    {
      specifier: '@voltagent/core',
      file: /\/@voltagent\/core\/dist\/index\.(?:mjs|js)$/,
      attach: patchVoltAgent,
    },
  ],
  attachUnseen(host) {
    listenForStarts(host)
    return 'a bundled copy of ai'
  },
  identify,
}
