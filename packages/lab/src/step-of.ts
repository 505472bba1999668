import type { LabRequest } from './request.ts'
import type { Script, Step } from './script.ts'

/** The step that a script has for a model call; `position` is what an array counts by. */
export function stepOf(
  script: Script,
  request: LabRequest,
  position: number = request.callIndex,
): Step | Promise<Step> {
  if (typeof script === 'function') return script(request)
  return isSteps(script) ? (script[position] ?? {}) : script
}

/** True for a script that is a list of steps. */
export function isSteps(script: Script): script is readonly Step[] {
  // Array.isArray alone does not tell a readonly array from the rest of a union.
  return Array.isArray(script)
}
