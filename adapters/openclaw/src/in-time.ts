/**
 * The functions of a file, which can be had of one that is loaded after Holdfast.
 * @throws for one that was loaded before
 */
export function inTime(functions: object | undefined): object {
  if (functions !== undefined) return functions
  throw new TypeError(
    'it was loaded before Holdfast; start it with NODE_OPTIONS="--import holdfast/auto"',
  )
}
