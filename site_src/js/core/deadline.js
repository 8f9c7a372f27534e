/**
 * A limit in time for a promise. The promise itself goes on: whoever started it has to end it.
 */

/**
 * @template Value
 * @param {Promise<Value>} promise
 * @param {number} milliseconds
 * @param {() => Error} lateError makes the error for which the result is rejected when the time is over
 * @returns {Promise<Value>}
 */
export function within(promise, milliseconds, lateError) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(lateError()), milliseconds);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
