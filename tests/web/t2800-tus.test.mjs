// Resumable upload, spoken by tus-js-client through a proxy that cuts, and word by word: what the protocol asks for, whose upload it
// is, what is kept in the end and what is left behind.
import assert from "node:assert/strict";
import { randomBytes, randomInt } from "node:crypto";
import { readFileSync, renameSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import test, { after, before } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";
import { bytes, clip, heic, jpeg } from "./media.mjs";
import { ask, begin, idOf, kept, patch, picture, PIECE, seed, sendByTus, sha, TUS, visitorAt as visitorOf } from "./tus.mjs";

const instance = Instance.shared(), { store, rows, pieceKeys, stored, hashes } = kept(instance);
const visitorAt = (...options) => visitorOf(instance, ...options);

// A proxy that counts what goes to the server, and cuts everything once that many bytes have passed.
class Proxy {
	async open(to) {
		this.sockets = new Set();
		this.passed = this.cuts = 0;
		this.cutAt = [];
		this.server = net.createServer((client) => {
			const upstream = net.connect(to.port, to.hostname), both = [client, upstream];
			const end = () => both.forEach((one) => {
				one.destroy();
				this.sockets.delete(one);
			});
			both.forEach((one) => {
				this.sockets.add(one);
				one.on("error", end).on("close", end);
			});
			client.on("data", (data) => {
				const left = this.cutAt.length ? this.cutAt[0] - this.passed : Infinity;
				this.passed += Math.min(data.length, left);
				if (data.length < left) return upstream.write(data);
				this.cutAt.shift();
				this.cuts++;
				upstream.write(data.subarray(0, left), () => [...this.sockets].forEach((one) => one.destroy()));
			});
			upstream.on("data", (data) => client.write(data));
		});
		await new Promise((resolve) => this.server.listen(0, "127.0.0.1", resolve));
		this.url = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}
	close() {
		for (const one of this.sockets) one.destroy();
		this.server.close();
	}
}

let proxy;
before(async () => {
	proxy = await new Proxy().open(new URL(instance.endpoints.http));
});
after(() => proxy.close());

test("what is spoken here", async () => {
	const v = await visitorAt();
	for (const [kind, size] of [["front", 10 << 20], ["licence", 10 << 20], ["clip", 5900000]]) {
		const answer = await v.request("OPTIONS", `/register/resume/${kind}`);
		assert.deepEqual([204, "1.0.0", "1.0.0", "creation,termination,checksum,expiration", "sha1", String(size)],
			[answer.status, ...["tus-resumable", "tus-version", "tus-extension", "tus-checksum-algorithm", "tus-max-size"].map((name) => answer.headers[name])]);
	}
	assert.equal((await v.request("OPTIONS", "/register/resume/portrait")).status, 404);
	for (const [method, path, allowed] of [["GET", "/register/resume/front", "POST, OPTIONS"], ["PUT", "/register/resume/front/x", "HEAD, PATCH, DELETE, OPTIONS"]]) {
		const answer = await v.request(method, path);
		assert.deepEqual([answer.status, answer.headers.allow], [405, allowed]);
	}
});

test("a picture in pieces is the same as one at once", async () => {
	const v = await visitorAt(), file = picture(3 * PIECE + 1000), path = await begin(v, file.length, "front", { "Upload-Metadata": "filename 6K+B5Lu2LmpwZw==,kept" });
	for (let at = 0; at < 3 * PIECE; at += PIECE) {
		const answer = await patch(v, path, at, file.subarray(at, at + PIECE));
		assert.deepEqual([answer.status, answer.headers["upload-offset"]], [204, String(at + PIECE)]);
		const head = await ask(v, "HEAD", path);
		assert.deepEqual([200, String(at + PIECE), String(file.length), "filename 6K+B5Lu2LmpwZw==,kept", "no-store"],
			[head.status, ...["upload-offset", "upload-length", "upload-metadata", "cache-control"].map((name) => head.headers[name])]);
	}
	// On the disk is nothing that can be read, and nothing of it in the database.
	const keys = pieceKeys(path);
	assert.equal(keys.length, 3);
	for (const key of keys) {
		const sealed = readFileSync(join(store, key.slice(0, 2), key));
		assert.ok(sealed.subarray(0, 4).equals(Buffer.from("RNEV")) && !sealed.includes(file.subarray(1000, 1032)));
	}
	assert.equal(instance.value(`SELECT state || received FROM upload WHERE id = '${idOf(path)}'`), `open${3 * PIECE}`);
	const last = await patch(v, path, 3 * PIECE, file.subarray(3 * PIECE), { Accept: "application/json" });
	assert.deepEqual([last.status, last.json.location, last.headers["upload-offset"]], [200, "/register/front", String(file.length)]);
	assert.deepEqual(hashes(v), [sha(file)]);
	await until("the pieces are gone", () => pieceKeys(path).length === 0 && !keys.some(stored));
	assert.ok((await v.settled("/register/front")).path.startsWith("/register/"));
	// Whoever lost the answer asks again, from wherever the draft is by then.
	const head = await ask(v, "HEAD", path);
	assert.deepEqual([head.status, head.headers["upload-offset"]], [200, String(file.length)]);
	assert.equal((await patch(v, path, file.length, "", { Accept: "application/json" })).json.location, "/register/front");
	assert.equal((await patch(v, path, file.length, "")).status, 204);
	assert.equal(hashes(v).length, 1);
	v.close();
});

test("a photograph for the manual review, in pieces", async () => {
	const v = await visitorAt("consent", {}), file = picture(PIECE + 1000);
	await v.post("/register/consent", { action: "manual" });
	assert.equal(v.page.path, "/register/papers");
	v.csrf = v.page.csrf;
	const path = await begin(v, file.length, "licence");
	await patch(v, path, 0, file.subarray(0, PIECE));
	assert.equal((await patch(v, path, PIECE, file.subarray(PIECE), { Accept: "application/json" })).json.location, "/register/papers");
	assert.deepEqual(hashes(v, "original_sha256", "vehicle_licence"), [sha(file)]);
	v.close();
});

test("what people ask for in review, in pieces", async () => {
	instance.remember("欧阳逐段");
	const KNOWN = { OwnerType: "person", OwnerName: "欧阳逐段" }; // unlike the name that is read: people look at it
	const [car, second] = await importCars(instance, [{ columns: KNOWN }, { columns: KNOWN }]), v = await journey(instance, car), stranger = await journey(instance, second);
	const number = v.application, json = { Accept: "application/json" }, id = `(SELECT id FROM application WHERE number = '${number}')`;
	for (const one of [v, stranger]) {
		await cardStates(instance, one.application, ["review"]);
		await instance.ctl("review", "ask", one.application, "vehicle_licence");
		await one.get(`/supplement?number=${one.application}`);
		one.csrf = new URL(one.page.uploadPath, "http://x").searchParams.get("csrf");
	}
	const query = `?number=${number}`, file = picture(PIECE + 1000), path = await begin(v, file.length, "licence", { place: "supplement", query });
	assert.ok(path.endsWith(query));
	assert.equal(instance.value(`SELECT expires_at > now() + interval '23 hours' FROM upload WHERE id = '${idOf(path)}'`), "t", "though the draft would have run out");
	assert.equal((await ask(v, "POST", `/supplement/resume/clip${query}`, { "Upload-Length": "5" })).status, 404);
	assert.equal((await ask(v, "POST", `/supplement/resume/front${query}`, { "Upload-Length": "5", ...json })).json.location, `/supplement${query}`, "what nobody asked for");
	assert.equal((await patch(v, path, 0, file.subarray(0, PIECE))).status, 204);
	assert.equal((await ask(v, "HEAD", path)).headers["upload-offset"], String(PIECE));
	// Nobody else's: not by the other's own number, not by this one, not signed in, not as a file of the draft.
	const nobody = new Visitor(instance);
	await nobody.get("/records");
	nobody.csrf = nobody.page.csrf;
	for (const [who, at] of [[stranger, path], [stranger, path.replace(number, stranger.application)], [nobody, path], [v, path.replace(query, "")], [v, path.replace("/supplement/", "/register/")]]) {
		assert.equal((await ask(who, "HEAD", at)).status, 404, at);
		assert.equal((await ask(who, "DELETE", at)).status, 404, at);
		assert.equal((await patch(who, at, PIECE, file.subarray(PIECE))).status, 404, at);
	}
	assert.equal((await ask(nobody, "POST", `/supplement/resume/licence${query}`, { "Upload-Length": "5", ...json })).json.location, "/records/phone");
	const last = await patch(v, path, PIECE, file.subarray(PIECE), json);
	assert.deepEqual([last.status, last.json.location], [200, `/supplement${query}`]);
	assert.deepEqual(instance.sql(`SELECT encode(e.original_sha256, 'hex') FROM application a JOIN evidence e ON e.id = a.licence_evidence_id WHERE a.number = '${number}'`).flat(), [sha(file)]);
	await cardStates(instance, number, ["review"]);
	await until("the pieces are gone", () => pieceKeys(path).length === 0);
	// Who lost the answer gets it again; another file is not wanted any more.
	assert.equal((await patch(v, path, file.length, "", json)).json.location, `/supplement${query}`);
	assert.equal((await ask(v, "POST", `/supplement/resume/licence${query}`, { "Upload-Length": "5", ...json })).json.location, `/supplement${query}`);
	// Asked for again and begun, and given the plain way meanwhile: the rest is not wanted, and nothing is kept twice.
	await instance.ctl("review", "ask", number, "vehicle_licence");
	await v.get(`/supplement${query}`);
	const other = await begin(v, file.length, "licence", { place: "supplement", query });
	await patch(v, other, 0, file.subarray(0, PIECE));
	await v.upload(v.page.uploadPath, jpeg(seed()));
	const before = instance.value(`SELECT count(*) FROM evidence WHERE application_id = ${id}`);
	assert.equal((await patch(v, other, PIECE, file.subarray(PIECE), json)).json.location, `/supplement${query}`);
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE application_id = ${id}`), before);
	for (const one of [v, stranger, nobody]) one.close();
});

test("a phone that took over sends into that draft, and only what it was given", async () => {
	const desk = await visitorAt("front"), other = await visitorAt("front");
	await desk.post("/register/handover/front", { action: "show" });
	const link = new URL(desk.page.attributes("a", "href").find((href) => href.includes("/c/"))).pathname, phone = new Visitor(instance, { localAddress: "127.0.0.9" });
	await phone.get(link);
	await phone.post(link);
	await phone.get("/register/front");
	phone.csrf = new URL(phone.page.uploadPath, "http://x").searchParams.get("csrf");
	const file = picture(PIECE + 1000), path = await begin(phone, file.length), theirs = await begin(other, file.length), json = { Accept: "application/json" };
	assert.equal(instance.value(`SELECT application_id = ${desk.draft} FROM upload WHERE id = '${idOf(path)}'`), "t");
	for (const answer of [await ask(phone, "HEAD", theirs), await ask(phone, "DELETE", theirs), await patch(phone, theirs, 0, file.subarray(0, PIECE)), await ask(other, "HEAD", path)]) assert.equal(answer.status, 404);
	assert.equal((await ask(phone, "POST", "/register/resume/clip", { "Upload-Length": "5000", ...json })).json.location, "/handover", "not yet");
	assert.equal((await patch(phone, path, 0, file.subarray(0, PIECE))).status, 204);
	// The desk ends it: the phone has nothing to do with this draft any more.
	await desk.get("/register/front");
	await desk.post("/register/handover/front", { action: "cancel" });
	for (const answer of [await ask(phone, "HEAD", path), await ask(phone, "DELETE", path), await patch(phone, path, PIECE, file.subarray(PIECE))]) assert.equal(answer.status, 404);
	assert.equal((await ask(phone, "POST", "/register/resume/front", { "Upload-Length": "5000", ...json })).json.location, "/handover");
	assert.equal(hashes(desk).length, 0);
	assert.equal((await patch(desk, path, PIECE, file.subarray(PIECE))).status, 204, "the draft's own browser may go on with it");
	assert.deepEqual(hashes(desk), [sha(file)]);
	for (const one of [desk, other, phone]) one.close();
});

test("20 cuts at random places: always resumed, at most 256 KB sent twice, the right bytes in the end", async (t) => {
	const v = await visitorAt("front", { plain: true }), sent = [];
	for (let n = 0; n < 20; n++) {
		instance.sql(`UPDATE reading SET created_at = created_at - interval '1 day' WHERE application_id = ${v.draft}`); // tries
		const file = picture(randomInt(2 * PIECE, 6 * PIECE)), at = randomInt(1, file.length), began = proxy.passed, cuts = proxy.cuts;
		proxy.cutAt = [began + at];
		const requests = await sendByTus(v, proxy.url, "front", file), total = proxy.passed - began;
		assert.equal(proxy.cuts, cuts + 1, "it was cut");
		const twice = total - file.length - requests.length * 600; // at least so much are the heads
		sent.push(twice);
		assert.ok(twice <= PIECE, `cut at ${at} of ${file.length}: ${twice} bytes sent twice, ${requests}`);
		assert.equal(hashes(v).at(-1), sha(file), `cut at ${at} of ${file.length}`);
		assert.equal(requests.filter((one) => one === "POST 201").length, 1, `begun once: ${requests}`);
	}
	t.diagnostic(`sent twice: ${sent.map((count) => Math.round(count / 1024)).join(" ")} KB`);
	v.close();
});

test("a clip that was on its way when its digits ran out is taken; one that comes long after, or was begun afterwards, is not", async () => {
	for (const [announced, ran_out, taken] of [["3 minutes", "2 minutes", true], ["12 minutes", "11 minutes", false], ["1 minute", "2 minutes", false]]) {
		const v = await visitorAt("liveness", { plain: true }), file = Buffer.concat([clip(seed()), randomBytes(2000)]), half = file.length >> 1;
		const path = await begin(v, file.length, "clip", { query: new URL(v.page.uploadPath, "http://x").search });
		assert.equal((await patch(v, path, 0, file.subarray(0, half))).status, 204);
		instance.sql(`UPDATE upload SET created_at = now() - interval '${announced}' WHERE id = '${idOf(path)}';
			UPDATE live_code SET expires_at = now() - interval '${ran_out}' WHERE application_id = ${v.draft}`);
		const answer = await patch(v, path, half, file.subarray(half));
		assert.equal(answer.status, taken ? 204 : 422, `${announced}, ${ran_out}`);
		if (!taken) assert.match(answer.html, /数字已过期/);
		assert.equal(instance.value(`SELECT count(*) FROM verification WHERE kind = 'liveness' AND application_id = ${v.draft}`), taken ? "1" : "0");
		v.close();
	}
});

test("a clip that is cut again and again", async () => {
	const v = await visitorAt("liveness", { plain: true }), file = Buffer.concat([clip(seed()), bytes(seed(), 100), randomBytes(3000000)]), began = proxy.passed;
	proxy.cutAt = Array.from({ length: 12 }, () => began + randomInt(1000, 3000000)).sort((a, b) => a - b);
	const cuts = proxy.cuts, requests = await sendByTus(v, proxy.url, "clip", file, { overridePatchMethod: true });
	assert.ok(proxy.cuts - cuts >= 10, `${proxy.cuts - cuts} cuts`);
	assert.ok(proxy.passed - began <= file.length + 12 * PIECE + requests.length * 1500, `${proxy.passed - began} bytes for ${file.length}`);
	assert.deepEqual([hashes(v, "sha256", "clip"), hashes(v, "original_sha256", "clip")], [[sha(file)], [sha(file)]]);
	assert.ok(requests.includes("POST 204") && !requests.some((one) => one?.startsWith("PATCH")), `PATCH by another name: ${requests}`);
	v.close();
});

test("whatever comes out of turn is refused, and nothing moves", async () => {
	const v = await visitorAt(), file = picture(PIECE + 5000), path = await begin(v, file.length), half = file.subarray(0, PIECE);
	assert.equal((await patch(v, path, 1, half)).status, 409);
	assert.equal((await patch(v, path, 0, half, { "Upload-Checksum": `sha1 ${sha("other", "sha1", "base64")}` })).status, 460);
	assert.equal((await patch(v, path, 0, half, { "Upload-Checksum": `md5 ${sha(half, "md5", "base64")}` })).status, 400);
	assert.equal((await patch(v, path, 0, half, { "Upload-Checksum": "sha1 ???" })).status, 400);
	assert.equal((await patch(v, path, 0, half, { "Tus-Resumable": "0.2.2" })).status, 412);
	assert.equal((await v.request("HEAD", path)).status, 412);
	assert.equal((await v.request("HEAD", path)).headers["tus-version"], "1.0.0");
	assert.equal((await patch(v, path, 0, half, { "Content-Type": "application/octet-stream" })).status, 415);
	for (const offset of ["", "-1", "0x0", "1e3", "9".repeat(30)]) assert.equal((await patch(v, path, offset, half)).status, 400, offset);
	assert.equal((await patch(v, path, 0, Buffer.concat([file, half]))).status, 413);
	assert.equal((await patch(v, path, 0, half, { "X-CSRF-Token": "wrong" })).status, 403);
	assert.equal((await patch(v, path, 0, half, { "X-CSRF-Token": "" })).status, 403);
	assert.deepEqual([(await ask(v, "HEAD", path)).headers["upload-offset"], pieceKeys(path)], ["0", []]);
	assert.equal((await patch(v, path, 0, half, { "Upload-Checksum": `sha1 ${sha(half, "sha1", "base64")}` })).status, 204);
	assert.equal((await patch(v, path, 0, half)).status, 409);
	assert.equal((await patch(v, path, PIECE, "")).headers["upload-offset"], String(PIECE));
	// The last piece with a wrong checksum does not end it either.
	assert.equal((await patch(v, path, PIECE, file.subarray(PIECE), { "Upload-Checksum": `sha1 ${sha("x", "sha1", "base64")}` })).status, 460);
	assert.equal((await patch(v, path, PIECE, file.subarray(PIECE))).status, 204);
	assert.deepEqual(hashes(v), [sha(file)]);
	v.close();
});

test("what cannot be begun", async () => {
	const v = await visitorAt(), json = { Accept: "application/json" };
	const tries = [
		[{ "Upload-Length": String(11 << 20), ...json }, 413], [{ "Upload-Length": "99999999999999999999" }, 400], [{ "Upload-Length": "-5" }, 400], [{}, 400],
		[{ "Upload-Defer-Length": "1" }, 400], [{ "Upload-Length": "0", ...json }, 422], [{ "Upload-Length": "5", "Tus-Resumable": "2.0.0" }, 412],
		[{ "Upload-Length": "5", "Upload-Metadata": "name ???" }, 400], [{ "Upload-Length": "5", "Upload-Metadata": `a ${"A".repeat(1200)}` }, 400], [{ "Upload-Length": "5", "X-CSRF-Token": "x" }, 403],
	];
	for (const [headers, status] of tries) assert.equal((await ask(v, "POST", "/register/resume/front", headers)).status, status, JSON.stringify(headers));
	assert.match((await ask(v, "POST", "/register/resume/front", { "Upload-Length": String(11 << 20), ...json })).json.errors[0].text, /不能超过 10MB/);
	assert.equal((await ask(v, "POST", "/register/resume/portrait", { "Upload-Length": "5" })).status, 404);
	// A step that may not be entered yet: on to where the answers lead, as with a plain upload.
	assert.equal((await ask(v, "POST", "/register/resume/clip", { "Upload-Length": "5000", ...json })).json.location, "/register/front");
	assert.equal(instance.value(`SELECT count(*) FROM upload WHERE application_id = ${v.draft}`), "0");
	v.close();
});

test("an upload is nobody else's business", async () => {
	const v = await visitorAt(), other = await visitorAt(), path = await begin(v, 5000), half = randomBytes(1000);
	for (const method of ["HEAD", "DELETE"]) assert.equal((await ask(other, method, path)).status, 404, method);
	assert.equal((await patch(other, path, 0, half)).status, 404);
	assert.equal((await ask(v, "HEAD", path.replace("front", "back"))).status, 404);
	assert.equal((await ask(v, "HEAD", `${path.slice(0, -4)}0000`)).status, 404);
	assert.equal((await ask(v, "HEAD", `/register/resume/front/${"-".repeat(36)}`)).status, 404);
	assert.equal((await ask(v, "HEAD", "/register/resume/front/1")).status, 404);
	assert.equal((await v.request("HEAD", path, { headers: { ...TUS, Cookie: "" } })).status, 404);
	assert.equal((await patch(v, path, 0, half)).headers["upload-offset"], "1000");
	v.close();
	other.close();
});

test("cancelled: nothing is left", async () => {
	const v = await visitorAt(), file = picture(2 * PIECE), path = await begin(v, file.length);
	await patch(v, path, 0, file.subarray(0, PIECE));
	const [key] = pieceKeys(path);
	assert.ok(stored(key));
	assert.equal((await ask(v, "DELETE", path, { "X-CSRF-Token": "x" })).status, 403);
	assert.equal((await ask(v, "DELETE", path)).status, 204);
	assert.ok(rows(path) === 0 && !stored(key));
	for (const answer of [await ask(v, "HEAD", path), await ask(v, "DELETE", path), await patch(v, path, PIECE, "x")]) assert.equal(answer.status, 404);
	// By another name, for shells that know only GET and POST.
	const second = await begin(v, 5000);
	assert.equal((await ask(v, "POST", second, { "X-HTTP-Method-Override": "DELETE" })).status, 204);
	assert.equal(rows(second), 0);
	assert.equal(instance.value(`SELECT string_agg(action, ' ' ORDER BY number) FROM audit WHERE application_id = ${v.draft} AND action LIKE 'upload.%'`), "upload.started upload.cancelled upload.started upload.cancelled");
	v.close();
});

test("run out: told, then cleared away with its pieces", async () => {
	const v = await visitorAt(), file = picture(2 * PIECE), path = await begin(v, file.length);
	await patch(v, path, 0, file.subarray(0, PIECE));
	const [key] = pieceKeys(path);
	instance.sql(`UPDATE upload SET expires_at = now() - interval '1 second' WHERE id = '${idOf(path)}'`);
	for (const answer of [await ask(v, "HEAD", path), await patch(v, path, PIECE, file.subarray(PIECE))]) assert.equal(answer.status, 410);
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'upload_expiry'");
	await until("maintenance took it", () => rows(path) === 0 && !stored(key), 30);
	assert.equal((await ask(v, "HEAD", path)).status, 404);
	assert.deepEqual(hashes(v), []);
	v.close();
});

test("one draft holds one unfinished file of a kind, and begins only so many", async () => {
	const v = await visitorAt(), file = picture(2 * PIECE), first = await begin(v, file.length);
	await patch(v, first, 0, file.subarray(0, PIECE));
	const [key] = pieceKeys(first), second = await begin(v, file.length);
	assert.ok(rows(first) === 0 && rows(second) === 1 && !stored(key));
	instance.sql(`INSERT INTO attempt (kind, key) SELECT kind, key FROM attempt, generate_series(1, 60) WHERE kind = 'upload.draft' AND key = (SELECT key FROM attempt WHERE kind = 'upload.draft' ORDER BY at DESC LIMIT 1)`);
	assert.equal((await ask(v, "POST", "/register/resume/front", { "Upload-Length": "5000" })).status, 429);
	assert.equal(rows(second), 1, "the one that is there goes on");
	v.close();
});

test("photographs that nobody reads: so many of a kind, whichever way they come", async () => {
	const v = await visitorAt(), json = { Accept: "application/json" };
	await v.post("/register/front", { action: "type", type: "PASSPORT_FOREIGN" });
	const plain = v.page.uploadPath;
	for (let n = 0; n < 20; n++) assert.equal((await v.upload(plain, jpeg(seed()), { json: true })).status, 200, `${n}`);
	const file = picture(PIECE + 1000), path = await begin(v, file.length);
	await patch(v, path, 0, file.subarray(0, PIECE));
	for (const answer of [await v.upload(plain, jpeg(seed()), { json: true }), await patch(v, path, PIECE, file.subarray(PIECE), json)]) {
		assert.equal(answer.status, 422);
		assert.match(answer.json.errors[0].text, /换的次数较多/);
	}
	assert.equal(hashes(v).length, 20);
	v.close();
});

test("a file that is no picture is refused when it is whole; the refusal is remembered", async () => {
	const v = await visitorAt(), file = Buffer.concat([heic(), randomBytes(PIECE)]), path = await begin(v, file.length), json = { Accept: "application/json" };
	await patch(v, path, 0, file.subarray(0, PIECE));
	const answer = await patch(v, path, PIECE, file.subarray(PIECE), json);
	assert.deepEqual([answer.status, answer.json.errors[0].field], [422, "file"]);
	assert.match(answer.json.errors[0].text, /HEIC/);
	assert.equal((await ask(v, "HEAD", path)).headers["upload-offset"], String(file.length));
	assert.match((await patch(v, path, file.length, "", json)).json.errors[0].text, /HEIC/);
	assert.match((await patch(v, path, file.length, "")).html, /HEIC/);
	assert.deepEqual([hashes(v), pieceKeys(path)], [[], []]);
	v.close();
});

test("the same piece from many sides at once counts once", async () => {
	const v = await visitorAt(), file = picture(PIECE + 70000), path = await begin(v, file.length);
	for (const [at, end] of [[0, PIECE], [PIECE, file.length]]) {
		const answers = await Promise.all(Array.from({ length: 8 }, () => patch(v, path, at, file.subarray(at, end)))), statuses = answers.map((one) => one.status);
		assert.equal(statuses.filter((status) => status === 204).length, 1, `${statuses}`);
		assert.ok(statuses.every((status) => [204, 409, 423].includes(status)), `${statuses}`);
	}
	assert.deepEqual(hashes(v), [sha(file)]);
	v.close();
});

test("the decoder is away: the last piece may come again", async () => {
	const v = await visitorAt(), file = picture(PIECE + 5000), path = await begin(v, file.length), decoder = join(instance.runDir, "app/bin/realname-image");
	await patch(v, path, 0, file.subarray(0, PIECE));
	renameSync(decoder, `${decoder}.away`);
	try {
		assert.equal((await patch(v, path, PIECE, file.subarray(PIECE))).status, 503);
	} finally {
		renameSync(`${decoder}.away`, decoder);
	}
	assert.equal((await ask(v, "HEAD", path)).headers["upload-offset"], String(PIECE));
	assert.equal((await patch(v, path, PIECE, file.subarray(PIECE))).status, 204);
	assert.deepEqual(hashes(v), [sha(file)]);
	v.close();
});
