import type { Adapter } from 'holdfast'
import { patchRuns } from './patch-runs.ts'
import { patchTools } from './patch-tools.ts'

/** Ties Google's Agent Development Kit to Holdfast. */
export const adapter: Adapter = {
  name: 'google-adk',
  targets: [
    {
      // Its classes stand in files of their own, and in earlier versions in this one: all of them export them here.
      specifier: '@google/adk',
      file: /\/@google\/adk\/dist\/(?:esm|cjs)\/index\.js$/,
      attach(exports, host) {
        patchRuns(exports, host)
        patchTools(exports, host)
      },
    },
  ],
}
