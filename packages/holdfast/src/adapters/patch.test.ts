import { expect, test } from 'vitest'
import { MethodPatches } from './patch.ts'

class Base {
  name = 'nobody'
  greet(greeting: string): string {
    return `${greeting} ${this.name}`
  }
}

type Greet = (this: Base, greeting: string) => string

const loudly = (original: Greet): Greet =>
  function greet(greeting) {
    return original.call(this, greeting).toUpperCase()
  }

const fresh = (): typeof Base =>
  class Fresh extends Base {
    override greet(greeting: string): string {
      return super.greet(greeting)
    }
  }

/** Patches as somebody else would, on top of what is there. */
function inBrackets(prototype: Base): void {
  const under: unknown = Reflect.get(prototype, 'greet')
  prototype.greet = function greet(this: Base, greeting) {
    return `<${(under as Greet).call(this, greeting)}>`
  }
}

test('a patched method keeps its this, its name and its length, for objects made earlier too', () => {
  const Greeter = fresh()
  const early = Object.assign(new Greeter(), { name: 'Ada' })
  new MethodPatches().patch<Greet>(Greeter.prototype, 'greet', loudly)
  expect(early.greet('hello')).toBe('HELLO ADA')
  expect([Greeter.prototype.greet.name, Greeter.prototype.greet.length]).toEqual(['greet', 1])
  expect(Object.keys(Greeter.prototype)).toEqual([])
})

test('asked twice, by one Holdfast or by two copies of it, a method is wrapped once', () => {
  const Greeter = fresh()
  const twice = (original: Greet): Greet =>
    function greet(greeting) {
      return `${original.call(this, greeting)}!`
    }
  const [one, two] = [new MethodPatches(), new MethodPatches()]
  one.patch<Greet>(Greeter.prototype, 'greet', twice)
  one.patch<Greet>(Greeter.prototype, 'greet', twice)
  two.patch<Greet>(Greeter.prototype, 'greet', twice)
  expect(new Greeter().greet('hello')).toBe('hello nobody!')
})

test('released, the prototype is as it was before', () => {
  const Greeter = fresh()
  const before = Object.getOwnPropertyDescriptors(Greeter.prototype)
  const patches = new MethodPatches()
  patches.patch<Greet>(Greeter.prototype, 'greet', loudly)
  patches.release()
  expect(Object.getOwnPropertyDescriptors(Greeter.prototype)).toEqual(before)
})

test('an inherited method is patched on the heir alone, and given back to the ancestor', () => {
  class Heir extends Base {}
  const patches = new MethodPatches()
  patches.patch<Greet>(Heir.prototype, 'greet', loudly)
  expect([new Heir().greet('hi'), new Base().greet('hi')]).toEqual(['HI NOBODY', 'hi nobody'])
  patches.release()
  expect(Object.hasOwn(Heir.prototype, 'greet')).toBe(false)
})

test('where somebody patched on top, release leaves a straight pass-through', () => {
  const Greeter = fresh()
  const patches = new MethodPatches()
  patches.patch<Greet>(Greeter.prototype, 'greet', loudly)
  inBrackets(Greeter.prototype)
  patches.release()
  expect(new Greeter().greet('hi')).toBe('<hi nobody>')
})

test('after that, another Holdfast takes hold again', () => {
  const Greeter = fresh()
  const gone = new MethodPatches()
  gone.patch<Greet>(Greeter.prototype, 'greet', loudly)
  inBrackets(Greeter.prototype)
  gone.release()
  const next = new MethodPatches()
  next.patch<Greet>(Greeter.prototype, 'greet', loudly)
  expect(new Greeter().greet('hi')).toBe('<HI NOBODY>'.toUpperCase())
})

test('a method that is not there is an error that names it', () => {
  expect(() => new MethodPatches().patch(fresh().prototype, 'bow', (bow) => bow)).toThrow(
    'there is no method bow to patch',
  )
})
