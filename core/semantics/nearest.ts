/** Finding the name that was probably meant. */

/**
 * The candidate nearest to `name` by edit distance (a swap of neighbours counts once, case counts half),
 * or null when none is near enough to be a slip of the fingers.
 */
export function nearest(name: string, candidates: Iterable<string>): string | null {
  const all = [...candidates];
  let best: string | null = null;
  // Of a name of one or two letters, only its case can be a slip.
  let bestDistance = name.length <= 2 ? 0.75 : Math.max(1, Math.floor(name.length / 3)) + 0.5;
  for (const candidate of all) {
    if (candidate === name || candidate === '') continue;
    if (Math.abs(candidate.length - name.length) >= bestDistance + 1) continue;
    const distance = distanceBetween(name, candidate, bestDistance);
    if (distance < bestDistance || (distance === bestDistance && best !== null && candidate < best)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best ?? longerForm(name, all);
}

/** `; did you mean 'x'?`, or nothing. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = nearest(name, candidates);
  return found === null ? '' : `; did you mean '${found}'?`;
}

/**
 * What a message asks to write instead of a word: `right` null when it asks to delete it. null when it asks for
 * nothing. The message names the word last before what it asks for.
 */
export function suggestionIn(
  message: string,
): { readonly wrong: string; readonly right: string | null } | null {
  const asks = /; did you mean '([^']+)'\?|; there is a type '([^']+)'$|: delete it$/.exec(message);
  const wrong = asks === null ? undefined : /.*'([^']+)'/.exec(message.slice(0, asks.index))?.[1];
  return asks === null || wrong === undefined ? null : { wrong, right: asks[1] ?? asks[2] ?? null };
}

/** A single candidate that begins or ends with the whole name: `lock_irq` for `spin_lock_irq`. */
function longerForm(name: string, candidates: readonly string[]): string | null {
  if (name.length < 4) return null;
  let found: string | null = null;
  for (const candidate of candidates) {
    if (candidate === name || !(candidate.startsWith(name) || candidate.endsWith(name))) continue;
    if (found !== null) return null;
    found = candidate;
  }
  return found;
}

function distanceBetween(a: string, b: string, limit: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let smallest = i;
    for (let j = 1; j <= b.length; j++) {
      let cost = (previous[j - 1] ?? 0) + substitution(a[i - 1] ?? '', b[j - 1] ?? '');
      cost = Math.min(cost, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(cost);
      smallest = Math.min(smallest, cost);
    }
    if (smallest > limit) return Number.POSITIVE_INFINITY;
    beforePrevious = previous;
    previous = row;
  }
  return previous[b.length] ?? Number.POSITIVE_INFINITY;
}

function substitution(a: string, b: string): number {
  if (a === b) return 0;
  return a.toLowerCase() === b.toLowerCase() ? 0.5 : 1;
}
