/**
 * The drawings of the app, as paths on a field of 24 by 24, and which of them stands for the icon that a plugin names.
 *
 * Pure. Plugins name icons of a well-known icon font, give an emoji, or an address. The font is not carried: the names
 * that plugins use most are drawn here, any other gets the plugin's initials. Pictures are shown only where they are
 * part of the config (`data:`) or of this server. All drawings were made for this app.
 */

/** @type {Readonly<Record<string, string>>} */
export const PATHS = Object.freeze({
  panel: "M4 5h16v14H4zM9.5 5v14",
  close: "M6 6l12 12M18 6L6 18",
  maximise: "M5 5h14v14H5z",
  restore: "M8 8V5h11v11h-3M5 8h11v11H5z",
  window: "M4 5h16v14H4zM4 9h16",
  move_left: "M11 6l-6 6 6 6M5 12h14",
  move_right: "M13 6l6 6-6 6M19 12H5",
  move_up: "M6 11l6-6 6 6M12 5v14",
  move_down: "M6 13l6 6 6-6M12 19V5",
  tab_left: "M3.5 19.5V9H10V5h10.5v14.5zM8 12.5L5.5 15 8 17.5",
  tab_right: "M20.5 19.5V9H14V5H3.5v14.5zM16 12.5l2.5 2.5-2.5 2.5",
  wider: "M4 5v14M20 5v14M8 12h8M10 9.5L7.5 12l2.5 2.5M14 9.5l2.5 2.5-2.5 2.5",
  narrower: "M12 5v14M3.5 12H9M15 12h5.5M6.5 9.5L9 12l-2.5 2.5M17.5 9.5L15 12l2.5 2.5",
  taller: "M5 4h14M5 20h14M12 8v8M9.5 10L12 7.5l2.5 2.5M9.5 14l2.5 2.5 2.5-2.5",
  shorter: "M5 12h14M12 3.5V9M12 15v5.5M9.5 6.5L12 9l2.5-2.5M9.5 17.5L12 15l2.5 2.5",
  next: "M4 5h10v14H4zM17 8.5l3.5 3.5-3.5 3.5",
  previous: "M10 5h10v14H10zM7 8.5L3.5 12 7 15.5",
  more: "M5.5 11.4a.6 .6 0 1 0 .01 0M12 11.4a.6 .6 0 1 0 .01 0M18.5 11.4a.6 .6 0 1 0 .01 0",
  run: "M8 5.5v13l10.5-6.5z",
  add: "M12 5v14M5 12h14",
  search: "M10.5 4.5a6 6 0 1 0 0 12a6 6 0 1 0 0-12zM15 15l5 5",
  sun: "M12 8a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 0 1 9.5 4.5a8 8 0 1 0 10 10z",
  system: "M4 5h16v11H4zM9 20h6M12 16v4",
  log: "M5 6h14M5 10h14M5 14h9M5 18h6",
  docs: "M6 4h9l4 4v12H6zM14.5 4v4.5H19M9 12.5h7M9 16h5",
  reload: "M19 12a7 7 0 1 1-2.2-5.1M19.5 3.5v4.5H15",
  remove: "M5 7h14M9.5 7V4.5h5V7M7 7l1 12.5h8L17 7M10.5 11v5M13.5 11v5",
  info: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM12 11v5M12 8h.01",
  warning: "M12 4.5L21 19.5H3zM12 10v4.5M12 17h.01",
  check: "M5 12.5l4.5 4.5L19 7.5",
  engine: "M9 3.5V8M15 3.5V8M6.5 8h11v4a5.5 5.5 0 0 1-11 0zM12 17.5v3",
  stop: "M7 7h10v10H7z",
  down: "M7.5 10l4.5 4.5 4.5-4.5",
  workspace: "M4 8l8-4 8 4-8 4zM4 12l8 4 8-4M4 16l8 4 8-4",
  copy: "M9 9h10v10H9zM5 15V5h10",
  rename: "M5 19l1-4L16 5l3 3L9 18zM14 7l3 3",
  download: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  failure: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16zM9.2 9.2l5.6 5.6M14.8 9.2l-5.6 5.6",
  commands: "M4.5 7l5 5-5 5M12.5 17.5h7",
  keyboard: "M3 6.5h18v11H3zM7 10.5h.01M11 10.5h.01M15 10.5h.01M8 14h8",
  // Names of the icon font
  extension: "M9.5 4.5a2 2 0 0 1 4 0V6H19v5h-1.5a2 2 0 0 0 0 4H19v5H5v-5h1.5a2 2 0 0 0 0-4H5V6h4.5z",
  photo: "M4 5h16v14H4zM4 16l4.5-5 4 4.5 2.5-2.5 5 5M15.5 8.5a1 1 0 1 0 .01 0",
  grain:
    "M6 5.4a.6 .6 0 1 0 .01 0M12 5.4a.6 .6 0 1 0 .01 0M18 5.4a.6 .6 0 1 0 .01 0M9 9.4a.6 .6 0 1 0 .01 0M15 9.4a.6 .6 0 1 0 .01 0M6 13.4a.6 .6 0 1 0 .01 0M12 13.4a.6 .6 0 1 0 .01 0M18 13.4a.6 .6 0 1 0 .01 0M9 17.4a.6 .6 0 1 0 .01 0M15 17.4a.6 .6 0 1 0 .01 0",
  casino: "M5 5h14v14H5zM9 9h.01M15 9h.01M12 12h.01M9 15h.01M15 15h.01",
  brush: "M19.5 4.5L11 13M8.5 13.5c-3 0-2 4.5-5 5.5c3.5 2 8 .5 7.5-3a2.5 2.5 0 0 0-2.5-2.5z",
  bar_chart: "M5 20v-8h3.5v8M10.2 20V5h3.5v15M15.5 20V9H19v11M3.5 20h17",
  timeline: "M3.5 17l5-6 4 4 8-9",
  bubble_chart: "M7.5 11a3.5 3.5 0 1 0 .01 0M16 4.5a3.5 3.5 0 1 0 .01 0M16 15a2 2 0 1 0 .01 0",
  view_in_ar: "M12 3.5l7.5 4.2v8.6L12 20.5l-7.5-4.2V7.7zM4.5 7.7L12 12l7.5-4.3M12 12v8.5",
  science: "M9.5 4h5M10.5 4v6L5 19a1 1 0 0 0 .9 1.5h12.2A1 1 0 0 0 19 19l-5.5-9V4M7.8 15h8.4",
  folder: "M3.5 6h6l2 2.5h9V19h-17z",
  description: "M6 4h9l4 4v12H6zM14.5 4v4.5H19M9 12.5h7M9 16h7",
  code: "M8.5 7l-5 5 5 5M15.5 7l5 5-5 5",
  settings: "M5 7h8M17 7h2M5 12h2M11 12h8M5 17h6M15 17h4M15 5v4M9 10v4M13 15v4",
  list: "M8.5 6.5H20M8.5 12H20M8.5 17.5H20M4.5 6.5h.01M4.5 12h.01M4.5 17.5h.01",
  visibility: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9.5a2.5 2.5 0 1 0 .01 0",
  blur_on: "M12 4c3.5 4.5 6 7 6 10a6 6 0 0 1-12 0c0-3 2.5-5.5 6-10z",
});

/** Other names for the same drawings. @type {Readonly<Record<string, string>>} */
const ALIASES = Object.freeze({
  image: "photo",
  insert_photo: "photo",
  photo_library: "photo",
  shuffle: "casino",
  palette: "brush",
  edit: "brush",
  insert_chart: "bar_chart",
  assessment: "bar_chart",
  equalizer: "bar_chart",
  show_chart: "timeline",
  scatter_plot: "bubble_chart",
  "3d_rotation": "view_in_ar",
  biotech: "science",
  insert_drive_file: "description",
  assignment: "description",
  folder_open: "folder",
  tune: "settings",
  build: "settings",
  view_list: "list",
});

/**
 * How a plugin's icon is shown: as one of our drawings, a picture, its own sign, or the plugin's initials.
 * @param {{name: string, icon?: string | null}} plugin
 * @returns {{kind: "drawing" | "picture" | "sign" | "initials", value: string}}
 */
export function chooseIcon({ name, icon: wanted }) {
  const asked = (wanted ?? "").trim();
  if (/^(?:data:image\/|\/(?!\/))/u.test(asked)) return { kind: "picture", value: asked };
  const drawing = ALIASES[asked] ?? asked;
  if (Object.hasOwn(PATHS, drawing)) return { kind: "drawing", value: drawing };
  // An emoji may be made of several code points, but never of letters.
  if (asked !== "" && asked.length <= 8 && /^\P{ASCII}/u.test(asked)) return { kind: "sign", value: asked };
  return { kind: "initials", value: initials(name) };
}

/**
 * @param {string} name
 * @returns {string}
 */
function initials(name) {
  const words = name.split(/[\s_-]+/u).filter((word) => word !== "");
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "");
  return letters.join("").toUpperCase() || "?";
}
