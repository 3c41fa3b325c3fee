// Resumable upload under attack: lies about lengths and requests that cross each other, in an order that is made sure of by holding the
// row that both need; and web processes that are killed in the middle of their work.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, utimesSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import test, { after, before } from "node:test";

import { Instance, until } from "./client.mjs";
import { ask, begin, idOf, kept, patch, picture, PIECE, sendByTus, sha, visitorAt as visitorOf } from "./tus.mjs";

const JSON_WANTED = { Accept: "application/json" };
let instance, store, rows, pieceKeys, hashes;
const visitorAt = (...options) => visitorOf(instance, ...options);

before(async () => {
	instance = await Instance.start("tus-hostile", { REALNAME_WEB_WORKERS: "4", CONNECTIONS: "1000", UPLOADS: "1000" });
	({ store, rows, pieceKeys, hashes } = kept(instance));
});
after(() => instance?.stop());

const waiting = () => Number(instance.value("SELECT count(*) FROM pg_stat_activity WHERE usename = 'realname_web' AND wait_event_type = 'Lock'"));

// Holds what lock locks; each request gets as far as that row, one after the other, then meanwhile happens, then it is let go.
async function held(lock, requests, meanwhile = () => {}) {
	const psql = spawn("psql", ["-X", "-q", "-At", "-h", instance.endpoints.database_socket, "-U", "postgres", "-d", "realname"], { stdio: ["pipe", "pipe", "inherit"] });
	const ended = new Promise((resolve) => psql.on("close", resolve)), answers = [];
	let said = "";
	psql.stdout.on("data", (part) => (said += part));
	psql.stdin.write(`BEGIN;\n${lock} FOR UPDATE;\nSELECT 'held';\n`);
	try {
		await until("the row is held", () => said.includes("held"));
		for (const request of requests) {
			answers.push(request().catch((error) => ({ status: 0, error })));
			await until(`request ${answers.length} waits for the row`, () => waiting() === answers.length);
		}
		await meanwhile();
	} finally {
		psql.stdin.end("COMMIT;\n");
		await ended;
	}
	return Promise.all(answers);
}
const draftRow = (v) => `SELECT FROM application WHERE id = ${v.draft}`;
const uploadRow = (path) => `SELECT FROM upload WHERE id = '${idOf(path)}'`;

// The store after a day: each file has a row, and each row that somebody needs its file, whatever died. (Of what was judged the files
// go before the rows.)
const files = () => readdirSync(store, { withFileTypes: true }).filter((one) => one.isDirectory() && one.name.length === 2).flatMap((one) => readdirSync(join(store, one.name)).map((name) => join(store, one.name, name)));
const names = () => files().map((file) => file.split("/").pop());
async function assertNothingLeftBehind() {
	const rowsOf = (pieces) => instance.sql(`SELECT storage_key FROM evidence WHERE deleted_at IS NULL UNION ALL SELECT storage_key FROM upload_piece p JOIN upload u ON u.id = p.upload_id WHERE ${pieces}`).flat();
	for (const file of files()) utimesSync(file, 1000000, 1000000);
	const known = new Set(rowsOf("true")), strays = names().filter((name) => !known.has(name));
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'sweep'");
	await until("files without rows are swept", () => !names().some((name) => strays.includes(name)), 30);
	const there = new Set(names());
	assert.deepEqual(rowsOf("u.state = 'open'").filter((name) => !there.has(name)), []);
}

// A raw request: what a client that lies sends; gives the status line's number, 0 when there was none.
function raw(v, head, body, { end = false } = {}) {
	const { hostname, port } = new URL(instance.endpoints.http);
	return new Promise((resolve) => {
		const socket = net.connect(port, hostname);
		let got = "";
		socket.on("data", (part) => {
			got += part;
			if (/\r\n\r\n/.test(got)) socket.destroy();
		});
		socket.on("error", () => {}).on("close", () => resolve({ status: Number(got.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0), head: got }));
		const cookie = [...v.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
		socket.write(`${head[0]} HTTP/1.1\r\nHost: ${hostname}\r\nCookie: ${cookie}\r\nX-CSRF-Token: ${v.csrf}\r\nTus-Resumable: 1.0.0\r\n${head.slice(1).join("\r\n")}\r\n\r\n`);
		socket.write(body);
		if (end) socket.end();
	});
}
const OFFSET = "Content-Type: application/offset+octet-stream";

test("lies about how much is sent", async () => {
	const v = await visitorAt("front", { plain: true }), file = picture(2 * PIECE), path = await begin(v, file.length), offset = async () => (await ask(v, "HEAD", path)).headers["upload-offset"];
	// More announced than sent, then gone: nothing counts.
	assert.ok([0, 400].includes((await raw(v, [`PATCH ${path}`, "Upload-Offset: 0", OFFSET, "Content-Length: 5000"], file.subarray(0, 4000), { end: true })).status));
	assert.equal(await offset(), "0");
	// Less announced than sent: what was announced counts, the rest is no request.
	assert.equal((await raw(v, [`PATCH ${path}`, "Upload-Offset: 0", OFFSET, "Content-Length: 1000"], file.subarray(0, 3000))).status, 204);
	assert.equal(await offset(), "1000");
	// Two lengths, a wrong one, and none but chunks.
	assert.equal((await raw(v, [`PATCH ${path}`, "Upload-Offset: 1000", OFFSET, "Content-Length: 5", "Content-Length: 6"], "12345")).status, 400);
	assert.equal((await raw(v, [`PATCH ${path}`, "Upload-Offset: 1000", OFFSET, "Content-Length: -5"], "12345")).status, 400);
	const chunk = file.subarray(1000, 2000);
	assert.equal((await raw(v, [`PATCH ${path}`, "Upload-Offset: 1000", OFFSET, "Transfer-Encoding: chunked"], Buffer.concat([Buffer.from("3e8\r\n"), chunk, Buffer.from("\r\n0\r\n\r\n")]))).status, 204);
	assert.equal(await offset(), "2000");
	// Both offsets of a request that says two are wrong or one of them is: never more than once.
	assert.equal((await raw(v, [`PATCH ${path}`, "Upload-Offset: 1", "Upload-Offset: 2000", OFFSET, "Content-Length: 5"], "12345")).status, 409);
	assert.equal(await offset(), "2000");
	// One byte more than the file has, in all.
	assert.equal((await patch(v, path, 2000, Buffer.concat([file.subarray(2000), Buffer.from("x")]))).status, 413);
	assert.equal((await patch(v, path, 2000, file.subarray(2000))).status, 204);
	assert.deepEqual(hashes(v), [sha(file)]);
	for (const at of [file.length + 1, 999999999999999]) assert.equal((await patch(v, path, at, "x")).status, 409);
	assert.equal((await patch(v, path, file.length, "x")).status, 413);
	v.close();
});

test("a length that is a lie keeps nothing, and pieces of a byte have an end", async () => {
	const v = await visitorAt(), file = picture(PIECE), path = await begin(v, file.length - 100);
	assert.equal((await patch(v, path, 0, file)).status, 413);
	assert.equal((await patch(v, path, 0, file.subarray(0, file.length - 100), JSON_WANTED)).status, 422, "a picture that is cut off");
	assert.deepEqual(hashes(v), []);
	const second = await begin(v, 5000);
	for (let at = 0; at < 3; at++) assert.equal((await patch(v, second, at, "x")).status, 204);
	instance.sql(`UPDATE upload SET pieces = 1024 WHERE id = '${idOf(second)}'`);
	assert.equal((await patch(v, second, 3, "x")).status, 413);
	assert.equal(pieceKeys(second).length, 3);
	v.close();
});

test("two pieces for the same place, of different bytes: one of them counts, whole", async () => {
	const v = await visitorAt();
	for (let n = 0; n < 5; n++) {
		instance.sql(`UPDATE reading SET created_at = created_at - interval '1 day' WHERE application_id = ${v.draft}`);
		const one = picture(PIECE + 40000), other = picture(PIECE + 40000), length = one.length, path = await begin(v, length), mine = [];
		assert.equal(other.length, length);
		for (const [at, end] of [[0, PIECE], [PIECE, length]]) {
			const answers = await Promise.all([one, other].map((file) => patch(v, path, at, file.subarray(at, end))));
			const statuses = answers.map((answer) => answer.status);
			assert.equal(statuses.filter((status) => status === 204 || status === 422).length, 1, `${statuses}`);
			mine.push([one, other][statuses.findIndex((status) => status === 204 || status === 422)].subarray(at, end));
		}
		const kept = instance.value(`SELECT state FROM upload WHERE id = '${idOf(path)}'`) === "kept";
		if (kept) assert.equal(hashes(v).at(-1), sha(Buffer.concat(mine)));
	}
	v.close();
});

test("cancelled while a piece is written, and the other way round", async () => {
	const v = await visitorAt(), file = picture(2 * PIECE);
	for (const order of ["PATCH", "DELETE"]) {
		const path = await begin(v, file.length), piece = () => patch(v, path, 0, file.subarray(0, PIECE)), cancel = () => ask(v, "DELETE", path);
		const answers = await held(uploadRow(path), order === "PATCH" ? [piece, cancel] : [cancel, piece]), statuses = answers.map((answer) => answer.status);
		assert.deepEqual(statuses, order === "PATCH" ? [204, 204] : [204, 409], order);
		assert.equal(rows(path), 0);
		assert.deepEqual(pieceKeys(path), []);
		assert.equal((await ask(v, "HEAD", path)).status, 404);
	}
	await assertNothingLeftBehind();
	v.close();
});

test("cancelled or replaced while the last piece is judged, and the other way round", async () => {
	for (const [what, order] of [["DELETE", "first"], ["DELETE", "last"], ["POST", "first"], ["POST", "last"]]) {
		const v = await visitorAt(), file = picture(PIECE + 5000), path = await begin(v, file.length);
		await patch(v, path, 0, file.subarray(0, PIECE));
		const last = () => patch(v, path, PIECE, file.subarray(PIECE)), other = () => (what === "DELETE" ? ask(v, "DELETE", path) : ask(v, "POST", "/register/resume/front", { "Upload-Length": "5000" }));
		const [first, second] = await held(draftRow(v), order === "first" ? [other, last] : [last, other]);
		const [answer, judged] = order === "first" ? [first, second] : [second, first];
		assert.equal(answer.status, what === "DELETE" ? 204 : 201, `${what} ${order}`);
		assert.equal(judged.status, order === "first" ? 409 : 204, `${what} ${order}`);
		assert.deepEqual(hashes(v), order === "first" ? [] : [sha(file)], "kept, or not at all");
		assert.equal(rows(path), what === "POST" && order === "last" ? 1 : 0);
		assert.equal(instance.value(`SELECT count(*) FROM upload WHERE application_id = ${v.draft} AND state = 'open'`), what === "DELETE" ? "0" : "1");
		v.close();
	}
	await assertNothingLeftBehind();
});

test("cancelled while another takes its place: neither waits for the other for ever", async () => {
	const v = await visitorAt();
	for (const order of ["DELETE", "POST"]) {
		const path = await begin(v, 5000), cancel = () => ask(v, "DELETE", path), other = () => ask(v, "POST", "/register/resume/front", { "Upload-Length": "6000" });
		const answers = await held(uploadRow(path), order === "DELETE" ? [cancel, other] : [other, cancel]);
		assert.deepEqual(answers.map((answer) => answer.status), order === "DELETE" ? [204, 201] : [201, 204], order);
		assert.equal(rows(path), 0);
		assert.equal(instance.value(`SELECT length FROM upload WHERE application_id = ${v.draft} AND state = 'open'`), "6000");
	}
	v.close();
});

test("begun from many tabs at once: one is left", async () => {
	const v = await visitorAt(), answers = await Promise.all(Array.from({ length: 6 }, () => ask(v, "POST", "/register/resume/front", { "Upload-Length": "5000" })));
	assert.deepEqual(answers.map((answer) => answer.status), Array(6).fill(201));
	const statuses = await Promise.all(answers.map(async (answer) => (await ask(v, "HEAD", answer.headers.location)).status));
	assert.deepEqual(statuses.sort(), [200, 404, 404, 404, 404, 404]);
	v.close();
});

test("the browser has another draft by the time the piece arrives", async () => {
	const v = await visitorAt(), file = picture(PIECE + 5000), path = await begin(v, file.length), draft = instance.value(`SELECT ${v.draft}`);
	await patch(v, path, 0, file.subarray(0, PIECE));
	instance.sql(`UPDATE session SET application_id = NULL WHERE application_id = '${draft}'`);
	for (const answer of [await ask(v, "HEAD", path), await patch(v, path, PIECE, file.subarray(PIECE)), await ask(v, "DELETE", path)]) assert.equal(answer.status, 404);
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE application_id = '${draft}'`), "0");
	v.close();
});

// ---- what dies ----

function kill(pids) {
	for (const pid of pids) {
		try {
			process.kill(pid, "SIGKILL");
		} catch (error) {
			if (error.code !== "ESRCH") throw error;
		}
	}
}
async function workersAgain(old) {
	await until("other workers", () => instance.workers().filter((pid) => !old.includes(pid)).length === 4);
}

test("killed between a piece and its row, and between a file and its row: sent again, counted once", async () => {
	const v = await visitorAt(), file = picture(2 * PIECE + 5000), path = await begin(v, file.length), files0 = files().length;
	const offset = () => until("the offset", async () => {
		const answer = await ask(v, "HEAD", path).catch(() => ({}));
		return answer.status === 200 && answer.headers["upload-offset"];
	});
	const killed = async (lock, at, piece) => {
		const old = instance.workers();
		assert.equal(old.length, 4);
		const [answer] = await held(lock, [() => patch(v, path, at, piece)], async () => {
			kill(old);
			await workersAgain(old);
		});
		assert.ok([0, 502, 503, 504].includes(answer.status), `${answer.status}`);
	};
	await killed(uploadRow(path), 0, file.subarray(0, PIECE));
	assert.equal(await offset(), "0");
	assert.equal(files().length, files0 + 1, "the piece is there, its row is not");
	assert.equal((await patch(v, path, 0, file.subarray(0, PIECE))).status, 204);
	await killed(uploadRow(path), PIECE, file.subarray(PIECE, 2 * PIECE));
	assert.equal(await offset(), String(PIECE));
	assert.equal((await patch(v, path, PIECE, file.subarray(PIECE, 2 * PIECE))).status, 204);
	await killed(draftRow(v), 2 * PIECE, file.subarray(2 * PIECE));
	assert.equal(await offset(), String(2 * PIECE));
	assert.deepEqual(hashes(v), []);
	assert.equal((await patch(v, path, 2 * PIECE, file.subarray(2 * PIECE))).status, 204);
	assert.deepEqual(hashes(v), [sha(file)]);
	await assertNothingLeftBehind();
	v.close();
});

test("the database drops the connection in the middle: the piece may come again", async () => {
	const v = await visitorAt(), file = picture(PIECE + 5000), path = await begin(v, file.length);
	const drop = () => instance.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'realname_web' AND wait_event_type = 'Lock'");
	const again = async (at, piece) => until("taken", async () => (await patch(v, path, at, piece)).status === 204);
	const [first] = await held(uploadRow(path), [() => patch(v, path, 0, file.subarray(0, PIECE))], drop);
	assert.equal(first.status, 503);
	await again(0, file.subarray(0, PIECE));
	const [last] = await held(draftRow(v), [() => patch(v, path, PIECE, file.subarray(PIECE))], drop);
	assert.equal(last.status, 503);
	await again(PIECE, file.subarray(PIECE));
	assert.deepEqual(hashes(v), [sha(file)]);
	v.close();
});

test("web processes die at random while files go up", async (t) => {
	const people = await Promise.all([1, 2, 3].map(() => visitorAt("front", { plain: true })));
	let over = false, deaths = 0, sent = 0;
	const arrived = () => instance.value("SELECT count(*) || ' ' || coalesce(sum(received), 0) FROM upload");
	const storm = (async () => {
		while (!over) {
			const before = arrived();
			await until("a piece arrives", () => over || arrived() !== before, 60);
			const workers = instance.workers();
			if (workers.length) {
				kill([workers[randomInt(workers.length)]]);
				deaths++;
			}
		}
	})();
	const sendOne = async (v) => {
		const file = picture(randomInt(4 * PIECE, 8 * PIECE));
		instance.sql(`UPDATE reading SET created_at = created_at - interval '1 day' WHERE application_id = ${v.draft}`); // tries
		const statuses = await sendByTus(v, instance.endpoints.http, "front", file, { chunkSize: 64 * 1024, retryDelays: Array(400).fill(20) });
		assert.equal(hashes(v).at(-1), sha(file), `${statuses}`);
		assert.equal(hashes(v).filter((hash) => hash === sha(file)).length, 1, "kept once");
		sent++;
	};
	try {
		while (deaths < 20) await Promise.all(people.map(sendOne));
	} finally {
		over = true;
		await storm;
	}
	t.diagnostic(`${deaths} deaths, ${sent} files`);
	await until("all workers again", () => instance.workers().length === 4);
	await assertNothingLeftBehind();
	for (const v of people) v.close();
});
