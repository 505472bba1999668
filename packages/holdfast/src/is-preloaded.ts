/** True where `--import holdfast/auto` (or `--require`) is among Node's options: before the application's first line. */
export function isPreloaded(): boolean {
  const given = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)]
  return given.some((option) => /holdfast.*\bauto\b/.test(option))
}
