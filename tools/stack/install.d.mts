export declare const STACK_INSTALLERS: Readonly<Record<string, () => Promise<unknown>>>;

export declare function installStack(): Promise<void>;
