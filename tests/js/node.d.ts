/**
 * As much of node's own modules as the tests use, so that checking types needs nothing but the compiler.
 */

declare module "node:test" {
  export interface TestContext {
    after(fn: () => void | Promise<void>): void;
    mock: {
      timers: MockTimers;
      fn<F extends (...args: any[]) => any>(fn?: F): F & { mock: { calls: { arguments: any[] }[] } };
    };
  }
  interface MockTimers {
    enable(options?: { apis?: string[]; now?: number }): void;
    tick(milliseconds: number): void;
    runAll(): void;
    reset(): void;
  }
  type Body = (context: TestContext) => void | Promise<void>;
  interface Test {
    (name: string, body: Body): Promise<void>;
    (name: string, options: object, body: Body): Promise<void>;
    mock: TestContext["mock"];
  }
  export const test: Test;
  export const it: Test;
  export const mock: TestContext["mock"];
  export function describe(name: string, body: () => void): void;
  export function before(body: () => void | Promise<void>): void;
  export function after(body: () => void | Promise<void>): void;
  export function beforeEach(body: () => void | Promise<void>): void;
  export function afterEach(body: () => void | Promise<void>): void;
  export default test;
}

declare module "node:assert/strict" {
  interface Assert {
    (value: unknown, message?: string): asserts value;
    ok(value: unknown, message?: string): asserts value;
    equal(actual: unknown, expected: unknown, message?: string): void;
    notEqual(actual: unknown, expected: unknown, message?: string): void;
    deepEqual(actual: unknown, expected: unknown, message?: string): void;
    notDeepEqual(actual: unknown, expected: unknown, message?: string): void;
    match(value: string, pattern: RegExp, message?: string): void;
    doesNotMatch(value: string, pattern: RegExp, message?: string): void;
    throws(fn: () => unknown, expected?: unknown, message?: string): void;
    doesNotThrow(fn: () => unknown, message?: string): void;
    rejects(promise: Promise<unknown> | (() => Promise<unknown>), expected?: unknown, message?: string): Promise<void>;
    doesNotReject(promise: Promise<unknown> | (() => Promise<unknown>), message?: string): Promise<void>;
    fail(message?: string): never;
  }
  const assert: Assert;
  export default assert;
}

declare module "node:fs" {
  export function readFileSync(path: string | URL, encoding: "utf-8" | "utf8"): string;
  export function readdirSync(path: string | URL): string[];
  export function existsSync(path: string | URL): boolean;
}

declare module "node:url" {
  export function fileURLToPath(url: string | URL): string;
  export function pathToFileURL(path: string): URL;
}

declare module "node:path" {
  export function join(...parts: string[]): string;
  export function dirname(path: string): string;
  export function basename(path: string): string;
}

declare module "node:vm" {
  export function createContext(globals: object): object;
  export function runInContext(code: string, context: object, options?: { filename?: string }): any;
}

declare module "node:timers/promises" {
  export function setTimeout<T = void>(milliseconds: number, value?: T): Promise<T>;
  export function setImmediate<T = void>(value?: T): Promise<T>;
}

interface ImportMeta {
  url: string;
  dirname: string;
  filename: string;
}

declare function setImmediate(fn: (value?: unknown) => void): object;
declare const process: { env: Record<string, string | undefined> };
