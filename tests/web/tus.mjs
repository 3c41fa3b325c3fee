// tus 1.0.0 word by word, as a visitor of an instance speaks it, and what is kept of it there.
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

import { importCars } from "./cars.mjs";
import { journey } from "./client.mjs";
import { jpeg } from "./media.mjs";

export const client = createRequire(import.meta.url)("tus-js-client");
export const PIECE = 256 * 1024, TUS = { "Tus-Resumable": "1.0.0" };
export const seed = () => randomBytes(8).toString("hex");
export const sha = (data, algorithm = "sha256", form = "hex") => createHash(algorithm).update(data).digest(form);

// A picture of about this size: a JPEG with long comments.
export function picture(size = 0, mark = seed()) {
	const plain = jpeg(mark), parts = [plain.subarray(0, 2)];
	for (let left = size - plain.length; left > 4; left -= 60004) {
		const body = randomBytes(Math.min(60000, Math.max(left - 4, 0)));
		parts.push(Buffer.from([0xff, 0xfe, (body.length + 2) >> 8, (body.length + 2) & 255]), body);
	}
	return Buffer.concat([...parts, plain.subarray(2)]);
}

export async function visitorAt(instance, stop = "front", options = {}) {
	const [car] = await importCars(instance, 1), v = await journey(instance, car, { stop, ...options });
	if (v.page.waiting) await v.settled(`/register/${stop}`);
	v.csrf = v.page.csrf ?? new URL(v.page.uploadPath, "http://x").searchParams.get("csrf");
	return v;
}

// One request of the protocol.
export function ask(v, method, path, headers = {}, body = null) {
	return v.request(method, path, { headers: { ...TUS, "X-CSRF-Token": v.csrf, ...headers }, body });
}
export const patch = (v, path, offset, body, headers = {}) => ask(v, "PATCH", path, { "Upload-Offset": String(offset), "Content-Type": "application/offset+octet-stream", ...headers }, body);
export async function begin(v, length, kind = "front", { place = "register", query = "", ...headers } = {}) {
	const answer = await ask(v, "POST", `/${place}/resume/${kind}${query}`, { "Upload-Length": String(length), ...headers });
	assert.equal(answer.status, 201, answer.html);
	assert.match(answer.headers.location, new RegExp(`^/${place}/resume/${kind}/[0-9a-f-]{36}(\\?.*)?$`));
	assert.equal(answer.headers["tus-resumable"], "1.0.0");
	assert.ok(Date.parse(answer.headers["upload-expires"]) > Date.now());
	return answer.headers.location;
}

// Sends a file as a foreign client would, to where the page says when it says something of its own; gives each request as "METHOD STATUS", null for one without an answer.
export function sendByTus(v, origin, kind, file, options = {}) {
	const statuses = [];
	return new Promise((resolve, reject) => {
		new client.Upload(file, {
			endpoint: origin + (v.page?.uploadPath?.includes(`/upload/${kind}?`) ? v.page.uploadPath.replace("/upload/", "/resume/") : `/register/resume/${kind}`), chunkSize: PIECE, retryDelays: [0, 20, 50, 100, ...Array(24).fill(200)], metadata: { filename: "证件.jpg" },
			headers: { Cookie: [...v.cookies].map(([name, value]) => `${name}=${value}`).join("; "), "X-CSRF-Token": v.csrf },
			onBeforeRequest: () => {
				statuses.push(null);
			},
			onAfterResponse: (request, response) => {
				statuses[statuses.length - 1] = `${request.getMethod()} ${response.getStatus()}`;
			},
			onError: reject, onSuccess: () => resolve(statuses), ...options,
		}).start();
	});
}

// What an instance has of it.
export const idOf = (path) => path.split("?")[0].split("/").pop();
export function kept(instance) {
	const store = join(instance.runDir, "evidence");
	return {
		store,
		rows: (path) => Number(instance.value(`SELECT count(*) FROM upload WHERE id = '${idOf(path)}'`)),
		pieceKeys: (path) => instance.sql(`SELECT storage_key FROM upload_piece WHERE upload_id = '${idOf(path)}' ORDER BY starts_at`).map((row) => row[0]),
		stored: (key) => readdirSync(join(store, key.slice(0, 2))).includes(key),
		hashes: (v, column = "original_sha256", purpose = "certificate_front") => instance.sql(`SELECT encode(${column}, 'hex') FROM evidence WHERE application_id = ${v.draft} AND purpose = '${purpose}' ORDER BY created_at`).map((row) => row[0]),
	};
}
