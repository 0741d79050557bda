/**
 * The part of the host's WebAssembly that the explorer uses.
 * Typed here and not as an ambient declaration, which would clash with the host typings that other packages bring along.
 */

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Takes 64 KiB pages; throws when it may not grow. */
  grow(pages: number): number;
}

export interface WasmGlobal {
  value: number;
}

export type WasmExport = ((...args: readonly number[]) => number) | WasmGlobal;

export interface WasmInstance {
  readonly exports: Readonly<Record<string, WasmExport | undefined>>;
}

export interface WasmApi {
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Memory: new (descriptor: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => WasmInstance;
}

/** null on a host without WebAssembly. */
export function webAssembly(): WasmApi | null {
  const host = globalThis as { readonly WebAssembly?: unknown };
  return (host.WebAssembly as WasmApi | undefined) ?? null;
}
