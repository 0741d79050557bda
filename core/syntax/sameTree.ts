/** Whether two syntax trees say the same, positions included. Trees are bounded in depth by the parser. */
export function sameTree(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one)) {
    if (!Array.isArray(other) || one.length !== other.length) return false;
    for (let index = 0; index < one.length; index++) if (!sameTree(one[index], other[index])) return false;
    return true;
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  for (const key of keys)
    if (!Object.hasOwn(other, key) || !sameTree(Reflect.get(one, key), Reflect.get(other, key))) return false;
  return true;
}
