export interface Shard {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** Reads `i/n`; null when it is none. */
export function parseShard(text: string): Shard | null {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const index = Number(match?.[1]);
  const of = Number(match?.[2]);
  return index >= 1 && index <= of ? { index, of } : null;
}

/** The part of `all` that belongs to a shard: every n-th. The shards together are `all`, and each element is in one of them. */
export function shardOf<T>(all: readonly T[], shard: Shard | null): readonly T[] {
  return shard === null ? all : all.filter((_, position) => position % shard.of === shard.index - 1);
}
