/**
 * **Whether two JSON values are the same**: order of members, own members named `__proto__` and the sign of zero included, however
 * deep they are. (What test runners have recurses, and exceeds the stack.)
 */
export function sameJson(one: unknown, other: unknown): boolean {
  const pairs: [unknown, unknown][] = [[one, other]];
  for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
    const [a, b] = pair;
    if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
      if (!Object.is(a, b)) return false;
      continue;
    }
    const names = Reflect.ownKeys(a);
    const others = Reflect.ownKeys(b);
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b) || names.length !== others.length) return false;
    for (const [index, name] of names.entries()) {
      if (name !== others[index]) return false;
      pairs.push([member(a, name), member(b, name)]);
    }
  }
  return true;
}

function member(value: object, name: string | symbol): unknown {
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
