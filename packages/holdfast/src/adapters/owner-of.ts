/** The object that defines a method of `object`: itself, or the prototype in its chain. */
export function ownerOf(object: object, method: string): object | undefined {
  for (
    let owner: object | null = object;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    if (Object.hasOwn(owner, method)) return owner
  }
  return undefined
}
