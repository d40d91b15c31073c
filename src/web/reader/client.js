// Calls of the key endpoint, and what their answers mean. Only a clear word of the endpoint ever takes something away.

/**
 * @typedef {{ kind: "ok", body: any } | { kind: "closed", reason: "refunded" | "expired" | "revoked" | "locked" }
 *   | { kind: "pending" | "wait", retryAfter?: number } | { kind: "unknown" | "devices" | "down" | "token" }} Answer
 */

/**
 * @param {number} status @param {any} body parsed JSON, or null where the answer was none @param {string | null} retry header Retry-After, seconds
 * @returns {Answer}
 */
export function meaning(status, body, retry) {
  const word = body?.error;
  const retryAfter = Number(retry ?? body?.retryAfter) || undefined;
  if (!body || typeof body !== "object") return status === 429 ? { kind: "wait", retryAfter } : { kind: "down" };
  if (status === 200) return { kind: "ok", body };
  if (status === 202) return { kind: "pending", retryAfter };
  if (status === 403 && ["refunded", "expired", "revoked", "locked"].includes(word)) return { kind: "closed", reason: word };
  if (status === 403 && word === "course") return { kind: "closed", reason: "revoked" };
  if (status === 403 && word === "token") return { kind: "token" };
  if (status === 404 && word === "unknown") return { kind: "unknown" };
  if (status === 429) return word === "devices" ? { kind: "devices" } : { kind: "wait", retryAfter };
  return { kind: "down" };
}

/**
 * @param {string} endpoint @param {string} path @param {object} body @returns {Promise<Answer>} never throws: no answer is "down"
 */
export async function call(endpoint, path, body) {
  try {
    const answer = await fetch(new URL(path, endpoint), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(20e3),
    });
    return meaning(answer.status, await answer.json().catch(() => null), answer.headers.get("retry-after"));
  } catch {
    return { kind: "down" };
  }
}

/** @param {string} text standard base64 */
export const fromBase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
