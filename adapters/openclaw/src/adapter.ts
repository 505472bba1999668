import type { Adapter } from 'holdfast'
import { patchRuns } from './patch-runs.ts'
import { patchChecks, patchDefinitions } from './patch-tools.ts'

/**
 * Ties OpenClaw to Holdfast. It is an application of thousands of bundled files with a hash in their names, and what
 * matters are functions: they are held where the files are loaded after Holdfast, as under `--import holdfast/auto`.
 */
export const adapter: Adapter = {
  name: 'openclaw',
  maskers: [
    // When a message came, and what day it is: [Sun 2026-11-22 00:04 UTC]
    /\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{4}-\d{2}-\d{2} \d{2}:\d{2}[^\]"]{0,20}\]/,
    /Current date: \d{4}-\d{2}-\d{2}/,
    // Where it runs, in which transcript: another container has others.
    /(?<=\| )(?:sessionId|host|os|node)=[^|"\\]*/,
  ],
  targets: [
    {
      specifier: 'openclaw: tools',
      // The runtime's own file, and the bundle that runs on other machines.
      file: /\/openclaw\/dist\/(?:agent-tools\.before-tool-call-[\w-]+|worker\/worker)\.mjs$/,
      functions: ['wrapToolWithBeforeToolCallHook'],
      attach: patchChecks,
    },
    {
      specifier: 'openclaw: tools of a session',
      file: /\/openclaw\/dist\/agent-tool-definition-adapter-[\w-]+\.mjs$/,
      functions: ['toToolDefinitions'],
      attach: patchDefinitions,
    },
    {
      specifier: 'openclaw: runs',
      file: /\/openclaw\/dist\/embedded-agent-[\w-]{8}\.mjs$/,
      functions: ['runEmbeddedAgent'],
      attach: patchRuns,
    },
  ],
}
