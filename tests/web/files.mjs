// Files that the carrier got over SFTP: found, decrypted, unzipped, decoded; and a relay in front of its server that breaks connections.
import { execFileSync } from "node:child_process";
import { createDecipheriv, createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { Worker } from "node:worker_threads";

import { FIELDS, WAYS } from "./relay.mjs";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

// Where the carrier's server keeps what it got, its port and its user.
export function server(instance) {
	const url = new URL(instance.endpoints.sftp);
	return { folder: url.pathname, port: Number(url.port), user: url.username };
}

// Every file below the server's folder, its path from there.
export function uploaded(instance) {
	const top = server(instance).folder;
	return readdirSync(top, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.path, entry.name).slice(top.length + 1)).sort();
}

const key = (instance) => Buffer.from(readFileSync(join(instance.runDir, "secrets/carrier-sm4-key"), "utf8").trim(), "hex");

export function decrypted(instance, bin, cipher = "sm4-cbc") {
	const cbc = cipher === "sm4-cbc", open = createDecipheriv(cipher, key(instance), cbc ? bin.subarray(0, 16) : null);
	return Buffer.concat([open.update(cbc ? bin.subarray(16) : bin), open.final()]);
}

// The entries of a zip, by its central directory; all are stored as they are. Refuses whatever does not fit together.
export function unzipped(zip) {
	const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
	if (end < 0 || end + 22 !== zip.length) throw new Error("not a zip that ends where it should");
	const entries = [];
	let at = zip.readUInt32LE(end + 16);
	for (let i = zip.readUInt16LE(end + 10); i > 0; i--) {
		if (zip.readUInt32LE(at) !== 0x02014b50 || zip.readUInt16LE(at + 10) !== 0) throw new Error("a bad entry");
		const crc = zip.readUInt32LE(at + 16), size = zip.readUInt32LE(at + 24), nameLength = zip.readUInt16LE(at + 28), local = zip.readUInt32LE(at + 42);
		const name = zip.subarray(at + 46, at + 46 + nameLength).toString(), start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
		entries.push({ name, crc, data: zip.subarray(start, start + size) });
		at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
	}
	if (at !== end) throw new Error("a central directory of another length");
	execFileSync("python3", ["-c", "import sys, zipfile, io; sys.exit(zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())).testzip() is not None)"], { input: zip });
	return entries;
}

// A JPEG as grey levels.
export function grey(jpeg) {
	const pgm = execFileSync("ffmpeg", ["-loglevel", "error", "-f", "mjpeg", "-i", "-", "-f", "image2pipe", "-vcodec", "pgm", "-pix_fmt", "gray", "-"], { input: jpeg, maxBuffer: 1 << 28 });
	const head = pgm.subarray(0, 40).toString("latin1").match(/^P5\s+(\d+)\s+(\d+)\s+255\s/);
	return { width: Number(head[1]), height: Number(head[2]), pixels: pgm.subarray(head[0].length) };
}

// Rows of t1_file of a car's cards, oldest first.
export function rows(instance, car, more = "true") {
	const names = ["id", "source", "state", "cause", "request_id", "code", "folder", "name", "size", "sha256", "attempts", "dead", "day"];
	return instance.sql(`SELECT f.id, f.source, f.state, coalesce(f.cause, ''), f.request_id, f.code, coalesce(f.folder, ''), coalesce(f.name, ''), coalesce(f.size, 0), coalesce(encode(f.sha256, 'hex'), ''),
		coalesce((SELECT attempts FROM job j WHERE j.kind = 'file_deliver' AND j.subject = f.id), 0), coalesce((SELECT dead_cause FROM job j WHERE j.kind = 'file_deliver' AND j.subject = f.id), ''), to_char(f.created_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')
		FROM t1_file f JOIN card c ON c.id = f.card_id WHERE c.iccid IN (${car.cards.map((card) => `'${card.iccid}'`).join(",")}) AND (${more}) ORDER BY f.created_at, f.request_id`)
		.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}

// More files of a registered car's first card, as the product orders them; their ids. A file's name follows from its request id, its
// folder from the day on which it was ordered: now, or at (a Date) for a test that already uses that folder.
export function orderAll(instance, car, requestIds, at) {
	const created = at ? `'${at.toISOString()}'` : "now()";
	return instance.sql(requestIds.map((requestId) => `WITH file AS (INSERT INTO t1_file (connection_id, card_id, application_id, source, message_id, request_id, code, created_at, due_at)
		SELECT m.connection_id, m.card_id, ac.application_id, 'KH', m.id, '${requestId}', m.code, ${created}, now() + interval '1 day' FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id
		JOIN card c ON c.id = m.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND m.kind = 'account' ORDER BY m.sequence LIMIT 1 RETURNING id, connection_id)
		SELECT id FROM file, job_add('file_deliver', 'sftp:' || connection_id, id, NULL, 0, 86400);`).join("\n")).flat();
}
export const order = (instance, car, requestId, at) => orderAll(instance, car, [requestId], at)[0];

// Stands in front of the server on a port of its own, in a thread of its own (relay.mjs), so that it goes on while a test asks the
// database. way: "pass", "hang" (takes connections and bytes and says nothing), "refuse" (ends them at once); cutAfter: ends every
// connection when so many bytes went to the server; hangAfter: says nothing more then.
export class Relay {
	async start(to) {
		this.shared = new Int32Array(new SharedArrayBuffer(4 * FIELDS.length));
		this.cutAfter = this.hangAfter = Infinity;
		this.worker = new Worker(new URL("relay.mjs", import.meta.url), { workerData: { to, shared: this.shared } });
		this.port = await new Promise((done) => this.worker.once("message", done));
		return this;
	}
	set way(way) {
		this.shared[FIELDS.indexOf("way")] = WAYS.indexOf(way);
	}
	set cutAfter(bytes) {
		this.shared[FIELDS.indexOf("cutAfter")] = Math.min(bytes, 2 ** 31 - 1);
	}
	set hangAfter(bytes) {
		this.shared[FIELDS.indexOf("hangAfter")] = Math.min(bytes, 2 ** 31 - 1);
	}
	get count() {
		return this.shared[FIELDS.indexOf("count")];
	}
	// Ends what is open.
	drop() {
		this.worker.postMessage("drop");
	}
	stop() {
		return this.worker.terminate();
	}
}

// How many sessions the server had at once at most, as it wrote down itself; from: a place in its log.
export function sessionsCounted(instance, from = 0) {
	const open = new Set();
	let most = 0;
	for (const line of readFileSync(join(instance.runDir, "log/sftp.log"), "utf8").slice(from).split("\n")) {
		const port = line.match(/ port (\d+)/)?.[1];
		if (/^Accepted publickey/.test(line)) open.add(port);
		else if (/^(Disconnected from|Connection (closed|reset))/.test(line)) open.delete(port);
		most = Math.max(most, open.size);
	}
	return most;
}

export const there = (path) => existsSync(path);
export const freePort = () => new Promise((done) => {
	const one = createServer().listen(0, "127.0.0.1", () => {
		const { port } = one.address();
		one.close(() => done(port));
	});
});
export const answers = (port) => new Promise((done) => {
	const socket = connect(port, "127.0.0.1", () => (socket.destroy(), done(true)));
	socket.on("error", () => done(false));
});
