/** Path of the interpreter, once everything that the lock file pins is installed. */
export declare function ensurePython(requirements?: string): Promise<string>;
