/** The parts of SARIF 2.1.0 that Lockstep writes (OASIS, Static Analysis Results Interchange Format), section 3. */

export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly SarifRun[];
}

export interface SarifRun {
  readonly tool: {
    readonly driver: {
      readonly name: string;
      readonly version: string;
      readonly semanticVersion: string;
      readonly rules: readonly SarifDescriptor[];
      readonly notifications: readonly SarifDescriptor[];
    };
  };
  readonly invocations: readonly SarifInvocation[];
  readonly originalUriBaseIds: Readonly<Record<string, { readonly description: SarifMessage }>>;
  readonly artifacts: readonly SarifArtifact[];
  readonly columnKind: 'utf16CodeUnits';
  readonly results: readonly SarifResult[];
}

export interface SarifMessage {
  readonly text: string;
  readonly markdown?: string;
}

export interface SarifDescriptor {
  readonly id: string;
  readonly shortDescription: SarifMessage;
  readonly fullDescription: SarifMessage;
  readonly help?: SarifMessage;
}

export interface SarifInvocation {
  /** False when some input could not be used, or an exploration crashed. */
  readonly executionSuccessful: boolean;
  readonly exitCode: number;
  readonly exitCodeDescription: string;
  readonly toolExecutionNotifications: readonly SarifNotification[];
}

export interface SarifNotification {
  readonly descriptor: { readonly id: string; readonly index: number };
  readonly level: 'error' | 'warning';
  readonly message: SarifMessage;
  readonly locations: readonly SarifLocation[];
}

export interface SarifArtifact {
  readonly location: Pick<SarifArtifactLocation, 'uri' | 'uriBaseId'>;
  readonly roles?: readonly 'analysisTarget'[];
  readonly sourceLanguage: string;
}

export interface SarifArtifactLocation {
  readonly uri: string;
  /** Absent for absolute URIs. */
  readonly uriBaseId?: string;
  /** Into SarifRun.artifacts. */
  readonly index: number;
}

/** Lines and columns from 1; the end column is the one behind the last character. */
export interface SarifRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

export interface SarifLocation {
  readonly id?: number;
  readonly physicalLocation: {
    readonly artifactLocation: SarifArtifactLocation;
    readonly region: SarifRegion;
  };
  readonly message?: SarifMessage;
}

export interface SarifResult {
  readonly ruleId: string;
  /** Into the rules of the driver. */
  readonly ruleIndex: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: SarifMessage;
  readonly locations: readonly SarifLocation[];
  readonly relatedLocations: readonly SarifLocation[];
  readonly codeFlows?: readonly SarifCodeFlow[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  /** Empty: not suppressed. Either every result has it or none (3.27.23). */
  readonly suppressions: readonly { readonly kind: 'inSource'; readonly justification: string }[];
  readonly properties: Readonly<Record<string, unknown>>;
}

/** One interleaving: a flow for each thread; `executionOrder` numbers the steps of all of them together. */
export interface SarifCodeFlow {
  readonly message: SarifMessage;
  readonly threadFlows: readonly {
    readonly id: string;
    readonly message: SarifMessage;
    readonly locations: readonly SarifThreadFlowLocation[];
  }[];
}

export interface SarifThreadFlowLocation {
  readonly location: SarifLocation;
  readonly executionOrder: number;
  readonly importance: 'important' | 'essential';
}
