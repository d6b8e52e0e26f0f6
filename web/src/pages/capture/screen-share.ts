/** Places in the window as shares of the whole screen. */

/** Shares of the window's width and height, from the upper left. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** From the middle outwards, and never far at once. */
export const POINTS: readonly Place[] = [
  { x: 0.5, y: 0.5 },
  { x: 0.1, y: 0.5 },
  { x: 0.1, y: 0.1 },
  { x: 0.5, y: 0.1 },
  { x: 0.9, y: 0.1 },
  { x: 0.9, y: 0.5 },
  { x: 0.9, y: 0.9 },
  { x: 0.5, y: 0.9 },
  { x: 0.1, y: 0.9 },
];

/** What `window` knows of where it is, in CSS pixels. */
export interface WindowPlace {
  readonly screenX: number;
  readonly screenY: number;
  readonly outerWidth: number;
  readonly outerHeight: number;
  readonly innerWidth: number;
  readonly innerHeight: number;
  readonly screen: { readonly width: number; readonly height: number };
}

/** Shares of the screen; the browser's own bars are taken to lie above the page. */
export function shareOfScreen(place: Place, view: WindowPlace): Place {
  const border = Math.max(0, (view.outerWidth - view.innerWidth) / 2);
  const bars = Math.max(0, view.outerHeight - view.innerHeight - border);
  return {
    x: share(view.screenX + border + place.x * view.innerWidth, view.screen.width),
    y: share(view.screenY + bars + place.y * view.innerHeight, view.screen.height),
  };
}

function share(pixels: number, whole: number): number {
  return Math.min(1, Math.max(0, pixels / Math.max(1, whole)));
}
