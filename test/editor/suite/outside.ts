/** The suite's side of the bridge: the page that shows the editor, where there is one. */

export interface Result {
  readonly name: string;
  /** Null: passed. */
  readonly error: string | null;
  readonly milliseconds: number;
}

export type Asked =
  | { readonly do: 'result'; readonly result: Result }
  | { readonly do: 'screenshot'; readonly name: string }
  | {
      readonly do: 'texts' | 'frameTexts' | 'count' | 'click' | 'frameClick' | 'hover';
      readonly selector: string;
    }
  | { readonly do: 'press'; readonly key: string }
  | { readonly do: 'type'; readonly text: string };

const url = process.env['LOCKSTEP_BRIDGE'];

/** Null where nobody looks from outside, as in a VS Code of the desktop: the suite then asserts what the API tells. */
export const page =
  url === undefined
    ? null
    : {
        screenshot: (name: string) => ask({ do: 'screenshot', name }),
        /** Text of every element that matches. */
        texts: (selector: string) => ask({ do: 'texts', selector }) as Promise<string[]>,
        /** As `texts`, in every frame: webviews are frames. */
        frameTexts: (selector: string) => ask({ do: 'frameTexts', selector }) as Promise<string[]>,
        count: (selector: string) => ask({ do: 'count', selector }) as Promise<number>,
        click: (selector: string) => ask({ do: 'click', selector }),
        /** The first that matches in any webview. */
        frameClick: (selector: string) => ask({ do: 'frameClick', selector }),
        hover: (selector: string) => ask({ do: 'hover', selector }),
        press: (key: string) => ask({ do: 'press', key }),
        type: (text: string) => ask({ do: 'type', text }),
      };

export async function tell(result: Result): Promise<void> {
  const seconds = (result.milliseconds / 1000).toFixed(1);
  console.log(`${result.error === null ? '✔' : '✖'} ${result.name} (${seconds} s)${result.error ?? ''}`);
  if (url !== undefined) await ask({ do: 'result', result });
}

async function ask(asked: Asked): Promise<unknown> {
  if (url === undefined) throw new Error('there is nobody outside');
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(asked) });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text);
}
