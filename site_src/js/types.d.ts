/**
 * Shapes that several rooms share. Types only: nothing here exists when the code runs.
 */

export type TypedArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

export interface TypedArrayConstructor {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): TypedArray;
}

/** Any message between two sides; `type` is one of the kinds of imjoy/rpc/protocol.json. */
export interface Message {
  type: string;
  [member: string]: unknown;
}

export type CallbackId = number | string;

/** What the other side offers: its functions (all asynchronous) and its plain values. */
export type RemoteObject = Record<string, any>;

export type RemoteFunction = (...args: any[]) => Promise<any>;

/** What the codec needs from whoever sends: where to keep functions and objects that the other side may call. */
export interface EncodeContext {
  /** True where both ends are ours: objects of a user that look like a tag are then escaped. */
  escape: boolean;
  /** Our own address, written into every reference. */
  targetId?: string;
  /** Buffers and ports to hand over instead of copying them. */
  transfer: Set<Transferable>;
  addCallback(fn: Function): CallbackId;
  /** The reference under which a function is already offered, if it is. */
  offeredAs(fn: Function): { objectId: string; path: string } | undefined;
  addObject(object: object, wantedId?: string): string;
  offer(objectId: string, path: string, fn: Function): void;
}

/** What the codec needs from whoever receives: functions that call the other side. */
export interface DecodeContext {
  callback(id: CallbackId, name: string, targetId: string | undefined): RemoteFunction;
  method(objectId: string, path: string, targetId: string | undefined): RemoteFunction;
  /** Told of every object that the other side keeps under an id. */
  noteObject(object: object, objectId: string): void;
}

export interface PeerOptions {
  send(message: Message, transfer: Transferable[]): void;
  /** The name of the other side, as its errors are to call it. */
  name: string;
  /** Both ends are ours: tags in user data are escaped. */
  escape?: boolean;
  /** Our own address, where the other side needs one. */
  id?: string;
  /** Runs one code object; only the side of the plugin has it. */
  execute?(code: CodeItem): Promise<void> | void;
  /** Ids of offered objects; random by default. */
  makeId?(): string;
}

export interface LogEntry {
  level: "info" | "warning" | "error";
  message: string;
  /** An address that was asked for and is not there offline. */
  missing?: string;
  /** The plugin cannot go on. */
  fatal?: boolean;
}

export interface PeerEvents {
  initialized: Record<string, unknown>;
  /** The other side's interface came, or came anew. */
  interface: RemoteObject;
  log: LogEntry;
  /** Something failed that nobody waits for. */
  error: Error;
  closed: { reason: string };
}

/** One step of starting a plugin. */
export interface CodeItem {
  type: "requirements" | "script" | "style" | "link" | "html";
  requirements?: string | string[];
  content?: string;
  lang?: string;
  src?: string;
  rel?: string;
  href?: string;
  type_?: string;
  attrs?: Record<string, string | boolean>;
  /** The line of the plugin file at which `content` begins, counted from 1. */
  line?: number;
}

export interface StartOptions {
  id: string;
  name: string;
  /** `web-worker` runs in a worker inside a hidden frame, every other type in the frame itself. */
  type: string;
  config: Record<string, unknown>;
  code: CodeItem[];
  /** What the plugin sees as `api`, apart from `api.export`. */
  api: Record<string, unknown>;
  /** Where the frame is shown; without it the frame is hidden. */
  container?: HTMLElement;
  /** Gives up the start. */
  signal?: AbortSignal;
}

export interface SessionEvents {
  log: LogEntry;
  /** The session was ended by a fault. */
  error: Error;
  closed: { reason: string };
}

export interface HostEvents {
  log: LogEntry & { id: string; name: string };
  error: { id: string; name: string; error: Error };
  closed: { id: string; name: string; reason: string };
}

/** The first message to a frame; its ports are the frame's own, then that of the worker or of the keys. */
export interface ConnectMessage {
  type: "imjoy-connect";
  mode: "page" | "worker";
  name: string;
  config: Record<string, unknown>;
}

export interface BootNote {
  message: string;
  level: "info" | "warning" | "error";
  missing?: string;
}

/** What boot.js leaves for the scripts that come after it. */
export interface BootHandle {
  /** The origin of the sandbox's port, and where the mirror begins on it. */
  readonly sandbox: string;
  readonly mirror: string;
  mapUrl(url: unknown): string;
  originalUrl(url: string): string;
  mapImports(script: string, isModule?: boolean): string;
  importModule(url: string, options?: object): Promise<unknown>;
  isMissing(url: string): Promise<boolean>;
  missing(url: string, method?: string): TypeError;
  noteViolation(event: { blockedURI: string }): void;
  tell(note: BootNote): void;
  onNote(listener: (note: BootNote) => void): void;
  readonly NativeWorker: typeof Worker;
  /** In pages only. */
  mapHtml?(html: string): string;
  mapCss?(css: string): string;
}

declare global {
  /** Set by boot.js in frames and workers of the sandbox. */
  var __imjoyBoot: BootHandle;
  /** Set for workers ahead of boot.js, which cannot see where it came from. */
  var __imjoySandbox: string | undefined;
  /** The address of the script that a worker was asked to run. */
  var __imjoyWorkerBase: string | undefined;
  function importScripts(...urls: string[]): void;
}
