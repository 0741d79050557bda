/** Launch configurations: what is left out is filled in, and the scenario in the editor needs none. */

import * as vscode from 'vscode';
import { type ScenariosResult, scenariosRequest } from '../protocol.ts';
import type { Server } from '../server.ts';

export const debugType = 'lockstep';

export class Configurations implements vscode.DebugConfigurationProvider {
  private readonly server: Server;

  constructor(server: Server) {
    this.server = server;
  }

  /** What the dialog offers for the scenario in the editor: one for each variant. */
  async provideDebugConfigurations(): Promise<vscode.DebugConfiguration[]> {
    const document = scenarioInEditor();
    const plain = {
      type: debugType,
      request: 'launch',
      name: 'Step the current scenario',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the editor
      program: '${file}',
    };
    if (document === null) return [plain];
    const uri = this.server.uriText(document.uri);
    const [scenario] = await this.server.request<ScenariosResult>(scenariosRequest, { uri });
    const variants = scenario?.variants ?? [];
    return [
      plain,
      ...variants.map(({ id, options, expects }) => ({
        ...plain,
        name: `Step ${scenario?.title ?? ''} ${id}`.trim(),
        options,
        ...(expects === 'fails' ? { counterexample: true } : {}),
      })),
    ];
  }

  resolveDebugConfigurationWithSubstitutedVariables(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    return configuration;
  }

  /** An empty one is what F5 gives where there is no launch.json. */
  resolveDebugConfiguration(
    _folder: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): vscode.DebugConfiguration | undefined {
    if (configuration.type !== undefined && configuration['program'] !== undefined) return configuration;
    const document = scenarioInEditor();
    if (document === null) {
      void vscode.window.showInformationMessage('Open a scenario to step through it.');
      return undefined;
    }
    return stepConfiguration({ uri: this.server.uriText(document.uri) });
  }
}

export interface StepTarget {
  readonly uri: string;
  readonly options?: Readonly<Record<string, string>>;
  /** Name of the check whose interleaving is followed; true: any. */
  readonly counterexample?: string | true;
}

export function stepConfiguration({ uri, options, counterexample }: StepTarget): vscode.DebugConfiguration {
  const name = decodeURIComponent(uri.split('/').at(-1) ?? uri);
  return {
    type: debugType,
    request: 'launch',
    name: `Step ${name}`,
    program: uri,
    ...(options === undefined ? {} : { options }),
    ...(counterexample === undefined ? {} : { counterexample }),
  };
}

function scenarioInEditor(): vscode.TextDocument | null {
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === 'lockstep' ? document : null;
}
