import type { Adapter } from 'holdfast'
import { patchRetries } from './patch-retries.ts'
import { patchRuns } from './patch-runs.ts'
import { patchTools } from './patch-tools.ts'

/** Ties LlamaIndex's agent workflows to Holdfast. */
export const adapter: Adapter = {
  name: 'llamaindex',
  targets: [
    {
      specifier: '@llamaindex/workflow',
      file: /\/@llamaindex\/workflow\/dist\/index\.(?:js|cjs)$/,
      attach(exports, host) {
        patchTools(exports, host)
        patchRuns(exports, host)
      },
    },
    {
      specifier: 'openai',
      file: /\/openai\/client\.(?:mjs|js)$/,
      attach: patchRetries,
    },
  ],
}
