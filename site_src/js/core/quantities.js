/**
 * Times and sizes in few words for people.
 *
 * Pure.
 */

/**
 * How long something has gone on: the two largest units, or one.
 * @param {number} seconds
 * @returns {string}
 */
export function durationWords(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return `${days} ${days === 1 ? "day" : "days"}`;
}

/**
 * A size, in units of thousands as disks are sold; three figures are enough.
 * @param {number} bytes
 * @returns {string}
 */
export function sizeWords(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let size = bytes;
  for (const unit of ["kB", "MB", "GB"]) {
    size /= 1000;
    if (size < 999.5 || unit === "GB") return `${size < 9.95 ? size.toFixed(1) : Math.round(size)} ${unit}`;
  }
  return "";
}
