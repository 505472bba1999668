import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { labProvider } from '../../openclaw/lab-provider.ts'
import { recordTool } from '../agents/agent.ts'

/** The home of an agent's OpenClaw: its container, of which nothing stays when its processes are killed. */
export function containerOf({ truthFile }: { readonly truthFile: string }): string {
  return `${truthFile}.home`
}

/** A run's session, as OpenClaw names it. */
export function sessionOf(runId: string): string {
  return `agent:main:${runId}`
}

/** Where OpenClaw's process finds its tool. */
export const toolKey: string = 'holdfast.crash-tool'

/** A new container as its image says: a model, the tool as a plugin, and no transcript. */
export function startContainer(home: string, providerUrl: string): void {
  rmSync(home, { recursive: true, force: true })
  const state = join(home, '.openclaw')
  const plugin = join(home, 'plugin')
  for (const folder of [join(state, 'workspace'), plugin]) mkdirSync(folder, { recursive: true })
  writeJson(join(state, 'openclaw.json'), {
    gateway: { mode: 'local' },
    // There is no old session to clean up, and looking for one takes two seconds of a core.
    session: { maintenance: { mode: 'warn' } },
    agents: {
      defaults: {
        workspace: join(state, 'workspace'),
        skipBootstrap: true,
        model: { primary: 'lab/gpt-lab' },
        models: { 'lab/gpt-lab': {} },
      },
    },
    models: { mode: 'merge', providers: { lab: labProvider(`${providerUrl}/v1`) } },
    // Half of the seconds that a start takes go into plugins that nobody uses here.
    plugins: { allow: [pluginId], load: { paths: [plugin] }, slots: { memory: 'none' } },
    tools: { allow: [recordTool.name], toolSearch: false },
  })
  writeJson(join(plugin, 'package.json'), {
    name: pluginId,
    version: '1.0.0',
    type: 'module',
    openclaw: { extensions: ['./index.js'] },
  })
  writeJson(join(plugin, 'openclaw.plugin.json'), {
    id: pluginId,
    name: pluginId,
    description: recordTool.description,
    categories: ['other'],
    contracts: { tools: [recordTool.name] },
    activation: { onStartup: true },
    configSchema: { type: 'object', additionalProperties: false },
  })
  writeFileSync(
    join(plugin, 'index.js'),
    `export default {
  id: '${pluginId}',
  name: '${pluginId}',
  description: '${recordTool.description}',
  register: (api) => api.registerTool(globalThis[Symbol.for('${toolKey}')]),
}
`,
  )
}

const pluginId = 'recorder'

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value))
}
