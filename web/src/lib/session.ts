/** A session from the camera to the summary, over as many connections as it takes. */

import type { Camera } from "./camera.js";
import type { Connector, ConnectRequest } from "./connector.js";
import { EyeError, eyeError } from "./errors.js";
import { TypedEventTarget } from "./events.js";
import type {
  AdviceMessage,
  HelloMessage,
  MetricsMessage,
  NoticeMessage,
  Point,
  SummaryMessage,
} from "./messages.gen.js";
import type { Outgoing } from "./messages.js";
import type { Preview, VisibilitySource } from "./options.js";
import { Search } from "./search.js";
import { mayFollow, type PauseCause, type Rung, type SessionState } from "./state.js";
import type { SessionMessage, Transport } from "./transport.js";
import { pause, unlessAborted } from "./waiting.js";
import { byeUrl, type Ids, type Ticket } from "./whip.js";

/** How long the summary is waited for; then it is asked for another way. */
const SUMMARY_WITHIN_MS = 500;
/** So long after the page asked for it a calibration goes on: the service collects as long. */
const CALIBRATION_MS = 1_000;
/** When a connection ends while the next is being made, so long is waited for that one. */
const HANDOVER_MS = 3_000;

const PICTURE_RUNGS: ReadonlySet<Rung> = new Set(["websocket", "rest"]);

export interface EyeSessionEvents {
  statechange: SessionState;
  hello: HelloMessage;
  /** On a poor network an older one may come after a newer one: compare `seq`. */
  metrics: MetricsMessage;
  advice: AdviceMessage;
  notice: NoticeMessage;
  summary: SummaryMessage;
  /** What ended the session, or what keeps it from going on (`camera_lost`, …). */
  error: EyeError;
}

/** What a session is put together from; see `createEyeSession`. */
export interface SessionParts {
  readonly camera: Camera;
  readonly connector: (trying: (attempt: number) => void) => Connector;
  /** Ends a session that gave no summary; the summary, if the service tells it then. */
  readonly release: (ticket: Ticket) => Promise<SummaryMessage | null>;
  readonly beacon: (url: string) => boolean;
  readonly ids: Ids;
  readonly maxFps: number;
  readonly consent: string | undefined;
  readonly preview: Preview | undefined;
  readonly visibility: VisibilitySource | undefined;
  /** Whether nothing is judged before `begin()`. */
  readonly cameraCheck: boolean;
}

export class EyeSession extends TypedEventTarget<EyeSessionEvents> {
  /** Resolves when the session has ended: its summary, or null where none came. Never rejects. */
  readonly finished: Promise<SummaryMessage | null>;
  #state: SessionState = { name: "new" };
  #summary: SummaryMessage | null = null;
  #transport: Transport | null = null;
  #search: Search | null = null;
  #track: MediaStreamTrack | null = null;
  #pauseCause: PauseCause | null = null;
  /** Whether the camera sends no picture at present, though it is open: its cover is shut. */
  #muted = false;
  #calibration: { readonly message: Outgoing; readonly asked: number } | null = null;
  /** What the camera was asked for last. */
  #fps: number;
  #error: EyeError | null = null;
  #left = false;
  #checking: boolean;
  #watching = new AbortController();
  readonly #connector: Connector;
  /** Aborted when the session is to end, by whomever. */
  readonly #ending = new AbortController();
  readonly #settled = new AbortController();

  constructor(private readonly parts: SessionParts) {
    super();
    this.#checking = parts.cameraCheck;
    this.#fps = parts.maxFps;
    this.#connector = parts.connector((attempt) => this.#trying(attempt));
    // the page may still add its listeners before anything happens
    this.finished = Promise.resolve().then(() => this.#run());
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The session's public UUID, once the service has given one. */
  get id(): string | null {
    return this.#connector.ticket?.sessionId ?? null;
  }

  /** Why nothing is measured at present, whatever the connection does; null while it is. */
  get paused(): PauseCause | null {
    return this.#pauseCause;
  }

  get summary(): SummaryMessage | null {
    return this.#summary;
  }

  /** What the camera sees, for a preview. */
  get stream(): MediaStream | null {
    return this.parts.camera.stream;
  }

  /** To the service and back, in milliseconds; null while unknown. */
  get roundTripMs(): number | null {
    return this.#transport?.roundTripMs ?? null;
  }

  /** Says goodbye and waits for the summary. */
  stop(): Promise<SummaryMessage | null> {
    this.#ending.abort();
    return this.finished;
  }

  /** Ends the check of the camera: from now on time is judged. */
  begin(): void {
    if (!this.#checking || this.#ending.signal.aborted) return;
    this.#checking = false;
    if (this.#pauseCause !== null) return;
    if (this.#measuring) this.#declareMeasuring();
    if (this.#transport) this.#carrying(this.#transport);
  }

  /** Stops measuring and lets go of the camera, until {@link resume}. */
  async pause(): Promise<void> {
    if (this.#pauseCause === null) await this.#halt("student");
  }

  /** Goes on after {@link pause} or a lost camera. False when the camera does not come back. */
  async resume(): Promise<boolean> {
    if (this.#pauseCause === null || this.#ending.signal.aborted) return false;
    try {
      await this.#openCamera();
      await this.#transport?.publish(this.#track);
    } catch (cause) {
      this.emit("error", eyeError(cause));
      return false;
    }
    this.#pauseCause = null;
    if (this.#measuring) this.#declareMeasuring();
    if (this.#transport && this.#state.name === "paused") this.#carrying(this.#transport);
    return true;
  }

  /** Changes to another camera of {@link listCameras}; a paused session uses it on `resume`. */
  async useCamera(deviceId: string): Promise<void> {
    this.parts.camera.choose(deviceId);
    if (this.#pauseCause !== null || this.#track === null) return;
    try {
      await this.#openCamera();
      await this.#transport?.publish(this.#track);
    } catch (cause) {
      await this.#halt("camera_lost");
      this.emit("error", eyeError(cause));
    }
  }

  /**
   * Takes the present head pose as neutral, or the present gaze as on `point`. With `keep` the
   * parameters that the points settle stay with the session when it is over.
   */
  calibrate(point?: Pick<Point, "x" | "y">, { keep = false } = {}): boolean {
    const message = {
      type: "calibrate" as const,
      ...(point && { point }),
      ...(keep && { keep }),
    };
    const sent = this.#transport?.send(message) ?? false;
    this.#calibration = sent ? { message, asked: performance.now() } : null;
    return sent;
  }

  /**
   * The network has changed or is back: the next attempt starts now, a connection shows whether it
   * still carries, and a session that has to make do with single pictures looks for a better way.
   */
  networkChanged(): void {
    this.#connector.retryNow();
    this.#transport?.check();
  }

  /** The page is going away: says goodbye in the one way that still works then. */
  leave(): void {
    const { ticket } = this.#connector;
    const over = this.#summary !== null || this.#state.name === "ended";
    if (ticket && !over) this.#left ||= this.parts.beacon(byeUrl(ticket));
    this.#ending.abort();
    this.#transport?.close();
  }

  async #run(): Promise<SummaryMessage | null> {
    try {
      this.#move({ name: "camera" });
      await this.#openCamera();
      this.#followVisibility();
      while (!this.#ending.signal.aborted) await this.#connection();
    } catch (cause) {
      // what a stop interrupts is no error
      if (!this.#ending.signal.aborted) this.#error = eyeError(cause);
    }
    await this.#close();
    return this.#summary;
  }

  /** From the first attempt until the connection, or the better one after it, is lost. */
  async #connection(): Promise<void> {
    const { signal } = this.#ending;
    let next: Transport | null = await this.#connector.connect(() => this.#request(), signal);
    while (next) next = await this.#serve(next);
  }

  /** Until it is lost or the session is to end (null), or the one that follows is there. */
  async #serve(transport: Transport): Promise<Transport | null> {
    const search = this.#searchBeside(transport);
    let next: Transport | null = null;
    this.#transport = transport;
    this.#search = search;
    this.#declare(transport);
    this.#noticed();
    try {
      const { found } = search;
      const lost = transport.done.then(() => this.#handover(found));
      next = await unlessAborted(Promise.race([lost, found]), this.#ending.signal);
      return next;
    } catch {
      search.stop();
      await this.#sayBye(transport);
      return null;
    } finally {
      search.stop();
      void search.found.then((found) => found !== next && found.close()); // a moment too late
      this.#search = null;
      this.#transport = null;
      transport.close();
    }
  }

  /** A way up from single pictures; from a connection in trouble any way. */
  #searchBeside({ rung }: Transport): Search {
    const request = () => this.#request();
    const climb = (signal: AbortSignal) => this.#connector.climb(request, signal);
    const rescue = (signal: AbortSignal) => this.#connector.rescue(request, signal);
    return new Search(PICTURE_RUNGS.has(rung) ? climb : null, rescue);
  }

  /** The service closes the older connection as soon as the newer one stands there: wait for it. */
  async #handover(found: Promise<Transport>): Promise<Transport | null> {
    if (!this.#connector.attempting) return null;
    const waiting = new AbortController();
    const tooLong = pause(HANDOVER_MS, waiting.signal).then(() => null);
    return Promise.race([found, tooLong]).finally(() => waiting.abort());
  }

  /** What the present connection is on, and whether it needs help, has changed. */
  #noticed(): void {
    const transport = this.#transport;
    if (transport === null) return;
    this.#search?.hurry(transport.troubled);
    const state = this.#state;
    const tells = state.name === "live" || state.name === "checking";
    if (tells && state.rung !== transport.rung) this.#carrying(transport);
  }

  async #sayBye(transport: Transport): Promise<void> {
    if (this.#summary) return;
    this.#move({ name: "stopping" });
    if (!transport.send({ type: "bye" })) return;
    const waiting = pause(SUMMARY_WITHIN_MS, this.#settled.signal);
    await Promise.race([waiting, transport.done]);
  }

  async #close(): Promise<void> {
    this.#watching.abort();
    this.parts.camera.close();
    this.#show(null);
    const { ticket } = this.#connector;
    if (ticket && !this.#summary && !this.#left) {
      const summary = await this.parts.release(ticket);
      if (summary) this.#hear(summary);
    }
    const reason = this.#summary?.end_reason ?? (this.#error ? "error" : "client_bye");
    if (this.#error) this.emit("error", this.#error);
    this.#move({ name: "ended", reason, error: this.#error });
    this.#ending.abort();
  }

  #request(): ConnectRequest {
    const { ids, maxFps } = this.parts;
    const heard = (message: SessionMessage) => this.#hear(message);
    return { ids, maxFps, track: this.#track, heard, changed: () => this.#noticed() };
  }

  /** The whole state: what was said on the connection before belonged to that one. */
  #declare(transport: Transport): void {
    const { consent, visibility } = this.parts;
    if (consent !== undefined) transport.send({ type: "consent", version: consent });
    if (visibility) transport.send({ type: "visibility", state: visibility.state });
    this.#declareMeasuring();
    const under = this.#calibration;
    if (under && performance.now() - under.asked < CALIBRATION_MS) transport.send(under.message);
    // paused or resumed, or another camera, since the attempt began
    void transport.publish(this.#track);
    this.#carrying(transport);
  }

  /** Whether time is to be judged. */
  get #measuring(): boolean {
    return this.#pauseCause === null && !this.#checking && !this.#muted;
  }

  /** A pause's pictures may go on, as in the check: they are analysed, and no time is judged. */
  #declareMeasuring(): void {
    this.#transport?.send({ type: this.#measuring ? "resume" : "pause" });
  }

  #carrying({ rung }: Transport): void {
    const cause = this.#pauseCause;
    if (cause) this.#move({ name: "paused", cause });
    else this.#move({ name: this.#checking ? "checking" : "live", rung });
  }

  #hear(message: SessionMessage): void {
    if (message.type === "summary") this.#summary = message;
    if (message.type === "advice") this.#limitCamera(message.max_fps);
    if (message.type === "hello") this.#limitCamera(message.fps);
    // each event carries the message of its own name
    this.emit(message.type, message as never);
    if (message.type === "summary") this.#settle();
  }

  /** The account is closed, by our bye or by the service itself. */
  #settle(): void {
    this.#settled.abort();
    this.#ending.abort();
  }

  /** Voluntary: a camera that cannot do it goes on as it was. */
  #limitCamera(fps: number): void {
    const wanted = Math.min(fps, this.parts.maxFps);
    if (wanted === this.#fps) return;
    this.#fps = wanted;
    this.parts.camera.limit(wanted).catch(() => undefined);
  }

  async #openCamera(): Promise<void> {
    this.#watching.abort();
    this.#watching = new AbortController();
    const { camera } = this.parts;
    const track = await camera.open(this.#ending.signal);
    this.#track = track;
    this.#show(camera.stream);
    this.#watch(track, this.#watching.signal);
  }

  #watch(track: MediaStreamTrack, signal: AbortSignal): void {
    track.addEventListener("ended", () => void this.#loseCamera(), { signal });
    track.addEventListener("mute", () => this.#mute(true), { signal });
    track.addEventListener("unmute", () => this.#mute(false), { signal });
    this.#mute(track.muted === true);
  }

  /** A muted camera sends black pictures, or none: nothing is to be judged by them. */
  #mute(muted: boolean): void {
    if (muted === this.#muted) return;
    const measured = this.#measuring;
    this.#muted = muted;
    if (measured !== this.#measuring) this.#declareMeasuring();
    const code = muted ? "camera_muted" : "camera_unmuted";
    const message = muted ? "The camera sends no picture." : "The camera is back.";
    this.emit("notice", { v: 1, type: "notice", code, message });
  }

  async #loseCamera(): Promise<void> {
    await this.#halt("camera_lost");
    this.emit("error", new EyeError("camera_lost"));
  }

  async #halt(cause: PauseCause): Promise<void> {
    if (this.#ending.signal.aborted) return;
    this.#pauseCause = cause;
    this.#watching.abort();
    this.#track = null;
    this.parts.camera.close();
    this.#show(null);
    const transport = this.#transport;
    transport?.send({ type: "pause" });
    if (transport) this.#carrying(transport);
    await transport?.publish(null);
  }

  #show(stream: MediaStream | null): void {
    if (this.parts.preview) this.parts.preview.srcObject = stream;
  }

  #followVisibility(): void {
    const { visibility } = this.parts;
    visibility?.subscribe(
      () => this.#transport?.send({ type: "visibility", state: visibility.state }),
      this.#ending.signal,
    );
  }

  #trying(attempt: number): void {
    const first = this.#state.name === "camera" || this.#state.name === "connecting";
    this.#move({ name: first ? "connecting" : "reconnecting", attempt });
  }

  #move(to: SessionState): void {
    const from = this.#state;
    if (from.name === to.name && from.name === "ended") return;
    if (!mayFollow(from.name, to.name)) throw new Error(`no way from ${from.name} to ${to.name}`);
    this.#state = to;
    this.emit("statechange", to);
  }
}
