import type { Adapter } from 'holdfast'
import { patchConnect } from './connecting.ts'
import { identify, patchClient } from './patch-client.ts'
import { patchLaunch } from './patch-launch.ts'

/** Ties MCP clients to Holdfast: both of the packages that have them. */
export const adapter: Adapter = {
  name: 'mcp',
  targets: [
    {
      specifier: '@modelcontextprotocol/sdk/client/index.js',
      file: /\/@modelcontextprotocol\/sdk\/dist\/(?:esm|cjs)\/client\/index\.js$/,
      attach(exports, host) {
        patchClient(exports, host)
        patchConnect(exports, host)
      },
    },
    {
      specifier: '@modelcontextprotocol/sdk/client/stdio.js',
      file: /\/@modelcontextprotocol\/sdk\/dist\/(?:esm|cjs)\/client\/stdio\.js$/,
      attach: patchLaunch,
    },
    {
      specifier: '@modelcontextprotocol/client',
      file: /\/@modelcontextprotocol\/client\/dist\/index\.(?:mjs|cjs)$/,
      attach(exports, host) {
        patchClient(exports, host)
        patchConnect(exports, host)
      },
    },
    {
      specifier: '@modelcontextprotocol/client/stdio',
      file: /\/@modelcontextprotocol\/client\/dist\/stdio\.(?:mjs|cjs)$/,
      attach: patchLaunch,
    },
  ],
  identify,
}
