import type { KnownTool } from './known-tools.ts'

/** What the tool's own dry run comes to, as a text; undefined where it has none. */
export async function dryRunOf(tool: KnownTool, args: unknown): Promise<string | undefined> {
  const own = tool.declaration?.dryRun
  if (typeof own !== 'function') return undefined
  const would = await own(args)
  const said = typeof would === 'string' ? would : JSON.stringify(would)
  return `Dry run: ${tool.name} was not run. ${said}`
}
