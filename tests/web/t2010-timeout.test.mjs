// How long a session lasts: told on the page, lengthened by the person only and never beyond its limit; a draft that paused loses nothing.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, newPhone, Visitor } from "./client.mjs";
import { newCompany, signedIn } from "./company.mjs";
import { jpeg } from "./media.mjs";
import { ask, begin, patch, picture, PIECE } from "./tus.mjs";

const instance = Instance.shared();
const minute = () => instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
const JSON_WANTED = { Accept: "application/json" };

// Seconds left in a role, as the server tells the script; null: not in it.
async function left(v, role) {
	const answer = await v.json("/session");
	assert.equal(answer.status, 200);
	return answer.json[role] ?? null;
}
const extend = (v, fields = {}) => v.send("/session", fields, JSON_WANTED);
// The session of a visitor's draft: the desk's, or the phone's that took it over.
const setDraft = (v, what, taken = "IS NULL") => instance.sql(`UPDATE session SET ${what} WHERE application_id = ${v.draft} AND handover_id ${taken}`);
const pauseIn = (v, seconds) => setDraft(v, `pauses_at = now() + interval '${seconds} seconds'`);
const about = (value, seconds) => assert.ok(value > seconds - 30 && value <= seconds, `${value} seconds, not about ${seconds}`);

async function drafted(stop, options = {}) {
	const [car] = await importCars(instance);
	return journey(instance, car, { stop, ...options });
}

test("a step says until when it is kept; one press of a plain form lengthens it and comes back", async () => {
	const v = await drafted("front");
	about((await left(v, "draft"))[0], 3600);
	assert.match(v.page.text, /为保护您的信息，\s*(\d{4}-\d\d-\d\d )?\d\d:\d\d 以后要再验证一次手机号/);
	pauseIn(v, 100);
	await v.get("/register/front");
	about(Number(v.page.html.match(/data-left="(\d+)"/)[1]), 100);
	const answer = await v.send("/session", { to: v.page.value("to") });
	assert.deepEqual([answer.status, answer.headers.location], [303, "/register/front"]);
	about((await left(v, "draft"))[0], 3600);
	assert.equal((await extend(v)).json.draft[1], 0, "and may be lengthened once more");
	v.close();
});

test("looking lengthens nothing: pages, the script's questions, asking what is left; an answer does", async () => {
	const v = await drafted("consent");
	pauseIn(v, 200);
	for (const path of ["/register/consent", "/register/front", "/", "/records"]) await v.get(path);
	for (const path of ["/register/consent", "/register/code", "/session"]) await v.json(path);
	const [seconds, last] = await left(v, "draft");
	about(seconds, 200);
	assert.equal(last, 0);
	await v.consent();
	about((await left(v, "draft"))[0], 3600);
	await v.settled("/register/liveness");
	instance.sql(`UPDATE live_code SET expires_at = now() - interval '1 second' WHERE application_id = ${v.draft}`);
	pauseIn(v, 200);
	await v.get("/register/liveness");
	assert.equal(instance.value(`SELECT count(*) FROM live_code WHERE application_id = ${v.draft}`), "2", "which asks for new digits");
	about((await left(v, "draft"))[0], 200);
	v.close();
});

test("a submission that is not taken lengthens nothing, and its page says so", async () => {
	const v = await drafted("check");
	pauseIn(v, 200);
	const page = await v.post("/register/check", { token: "old" });
	assert.equal(page.path, "/register/check");
	about(Number(page.html.match(/data-left="(\d+)"/)[1]), 200);
	about((await left(v, "draft"))[0], 200);
	v.close();
});

test("a big file on a weak network: each piece that arrives puts off the pause; asking how far it is does not", async () => {
	const v = await drafted("front"), file = picture(3 * PIECE);
	v.csrf = v.page.csrf ?? new URL(v.page.uploadPath, "http://x").searchParams.get("csrf");
	const path = await begin(v, file.length);
	pauseIn(v, 100);
	assert.equal((await ask(v, "HEAD", path)).status, 200);
	about((await left(v, "draft"))[0], 100);
	assert.equal((await patch(v, path, 0, file.subarray(0, PIECE))).status, 204);
	about((await left(v, "draft"))[0], 3600);
	pauseIn(v, -1);
	await patch(v, path, PIECE, file.subarray(PIECE, 2 * PIECE));
	assert.equal(await left(v, "draft"), null, "what has paused is not revived by a piece");
	assert.equal(instance.value(`SELECT received FROM upload WHERE id = '${path.split("/").pop()}'`), String(PIECE));
	v.close();
});

test("paused: every step, file and picture leads to the way back; nothing of the person is shown, and pressing on revives nothing", async () => {
	const v = await drafted("consent"), csrf = v.page.csrf, name = v.person.name, phone = v.number;
	pauseIn(v, -1);
	for (const step of ["vehicle", "identity", "consent", "check"]) {
		assert.equal((await v.request("GET", `/register/${step}`)).headers.location, "/paused", step);
		assert.equal((await v.send(`/register/${step}`, { csrf, consent: "1" })).headers.location, "/paused", step);
	}
	assert.equal((await v.upload(`/register/upload/front?csrf=${csrf}`, jpeg("x"), { json: true })).json.location, "/paused");
	const piecewise = { "Tus-Resumable": "1.0.0", "Upload-Length": "1000", "X-CSRF-Token": csrf, "Content-Length": "0", ...JSON_WANTED };
	assert.equal((await v.request("POST", "/register/resume/clip", { headers: piecewise })).json.location, "/paused");
	assert.equal((await v.request("GET", "/register/picture/front")).headers.location, "/paused");
	assert.equal((await v.json("/register/consent")).json.location, "/paused", "the script of a waiting page too");
	assert.equal(await left(v, "draft"), null);
	assert.equal((await extend(v, { csrf })).json.draft, undefined, "what has paused is not lengthened");
	const home = await v.get("/"), page = await v.get("/paused");
	assert.ok(home.has("继续上次办理") && !home.attributes("a", "href").some((href) => href.startsWith("/register/") && href !== "/register/notice"));
	assert.ok(page.has("已保存"));
	for (const shown of [home, page]) assert.ok(!shown.html.includes(name) && !shown.html.includes(phone));
	v.close();
});

test("paused: from the front page two presses and the code, and everything is there", async () => {
	const v = await drafted("agreements"), name = v.person.name, before = v.cookies.get("__Host-sid"), phone = v.number;
	pauseIn(v, -1);
	minute();
	await v.get("/");
	const counted = () => ["draft.address", "signin.address"].map((kind) => Number(instance.value(`SELECT count(*) FROM attempt WHERE kind = '${kind}'`)));
	const [ofDrafts, ofSignIns] = counted();
	await v.post("/paused");
	assert.equal(v.page.path, "/records/code?to=draft");
	assert.deepEqual(counted(), [ofDrafts + 1, ofSignIns]);
	await v.get("/paused");
	await v.post("/paused");
	assert.deepEqual([v.page.path, ...counted()], ["/records/code?to=draft", ofDrafts + 1, ofSignIns], "Back and pressed again: to the code that is on its way");
	assert.ok(!v.page.has("换号码"), "it is the phone of the draft");
	await v.post(v.page.path, { code: await instance.code(phone, 2) });
	assert.equal(v.page.path, "/register/agreements", "the first unfinished step");
	assert.deepEqual(counted(), [ofDrafts, ofSignIns], "taken back from where it was counted");
	assert.notEqual(v.cookies.get("__Host-sid"), before);
	about((await left(v, "draft"))[0], 3600);
	assert.equal((await v.get("/register/identity")).value("name"), name);
	assert.equal((await v.get("/paused")).path, "/register/agreements", "nothing to come back from");
	const stolen = new Visitor(instance);
	stolen.cookies.set("__Host-sid", before);
	assert.equal((await stolen.get("/register/agreements")).path, "/register/notice");
	await v.agree();
	assert.equal((await v.submit()).path, "/register/done");
	setDraft(v, "pauses_at = now() - interval '1 second'");
	instance.sql(`UPDATE session SET signed_in_until = now() WHERE application_id = ${v.draft}`);
	assert.equal((await v.get("/register/done")).path, "/records/phone", "what was submitted is seen in the records");
	for (const one of [v, stolen]) one.close();
});

test("leaving the records pauses the draft of this browser: the next person at it sees nothing, and nothing is lost", async () => {
	const v = await drafted("consent"), name = v.person.name, phone = v.number;
	await v.get("/records");
	await v.post("/records/leave");
	for (const path of ["/register/identity", "/register/picture/front"]) assert.equal((await v.request("GET", path)).headers.location, "/paused", path);
	const home = await v.get("/");
	assert.ok(!home.html.includes(name) && !home.html.includes(phone));
	minute();
	await v.get("/paused");
	await v.post("/paused");
	await v.post(v.page.path, { code: await instance.code(phone, 2) });
	assert.equal(v.page.path, "/register/consent");
	v.close();
});

test("paused: whoever signs in with another phone in this browser does not get in", async () => {
	const v = await drafted("consent"), other = newPhone();
	pauseIn(v, -1);
	await v.records(other);
	assert.equal(v.page.path, "/records");
	assert.equal((await v.get("/register/consent")).path, "/paused");
	await v.get("/records/phone?to=draft");
	assert.equal((await v.get("/records/code?to=draft")).status, 200);
	assert.equal((await v.get("/paused")).path, "/paused");
	v.close();
});

test("paused: the link from the automaker's app, opened once more, leads to the way back", async () => {
	const [car] = await importCars(instance), v = new Visitor(instance), link = new URL((await instance.ctl("link", car.vin, "--flow", "register")).trim()).pathname;
	v.car = car;
	await v.get(link);
	await v.post(link);
	await v.cards();
	await v.phone(newPhone());
	await v.code();
	assert.equal((await v.get(link)).path, "/register/front");
	pauseIn(v, -1);
	assert.equal((await v.get(link)).path, "/paused");
	const w = new Visitor(instance);
	assert.equal((await w.get(link)).status, 404, "for everybody else it is used up");
	for (const one of [v, w]) one.close();
});

test("before the phone is proved nothing pauses, and the end of the draft is told", async () => {
	const v = await drafted("phone");
	pauseIn(v, -1);
	const page = await v.get("/register/phone"), [seconds, last] = await left(v, "draft");
	assert.equal(page.path, "/register/phone");
	about(seconds, 24 * 3600);
	assert.equal(last, 1);
	assert.ok(page.has("没有提交的内容保存到"));
	assert.ok(!page.attributes("form", "action").includes("/session"), "nothing to lengthen");
	v.close();
});

test("the draft's own end is the limit", async () => {
	const v = await drafted("consent");
	instance.sql(`UPDATE application SET expires_at = now() + interval '10 minutes' WHERE id = ${v.draft}`);
	const answer = (await extend(v)).json.draft;
	about(answer[0], 600);
	assert.equal(answer[1], 1);
	const page = await v.get("/register/consent");
	assert.ok(!page.attributes("form", "action").includes("/session"));
	instance.sql(`UPDATE application SET expires_at = now() WHERE id = ${v.draft}`);
	assert.equal((await extend(v)).json.draft, undefined);
	assert.equal((await v.get("/register/consent")).path, "/register/notice", "the draft is gone, not paused");
	v.close();
});

test("a sign-in is lengthened up to its limit, on every page of it", async () => {
	const v = new Visitor(instance), phone = newPhone();
	await v.records(phone);
	const id = instance.value("SELECT encode(id_hash, 'hex') FROM session WHERE signed_in_at IS NOT NULL ORDER BY signed_in_at DESC LIMIT 1");
	const mine = (what) => instance.sql(`UPDATE session SET ${what} WHERE id_hash = decode('${id}', 'hex')`);
	mine("signed_in_until = now() + interval '90 seconds'");
	for (const path of ["/records", "/mine"]) {
		const page = await v.get(path);
		assert.ok(page.has("登录保留到"), path);
		assert.equal(page.value("to"), path);
	}
	about((await left(v, "records"))[0], 90);
	about((await extend(v)).json.records[0], 1800);
	mine("signed_in_at = now() - interval '3 hours 50 minutes', signed_in_until = now() + interval '1 minute'");
	const answer = (await extend(v)).json.records;
	about(answer[0], 600);
	assert.equal(answer[1], 1, "four hours and no more");
	about((await extend(v)).json.records[0], 600);
	assert.ok(!(await v.get("/records")).attributes("form", "action").includes("/session"));
	mine("signed_in_until = now()");
	assert.equal((await extend(v)).json.records, undefined, "what has ended stays ended");
	assert.equal((await v.get("/records")).path, "/records/phone");
	v.close();
});

test("who works at a company's draft stays signed in, up to the limit; who ended it does not come back", async () => {
	const company = newCompany(instance), v = await signedIn(instance, company);
	await v.begin();
	const send = () => v.post("/fleet/register/attachments", { remove: "x" });
	const mine = (what) => instance.sql(`UPDATE session SET ${what} WHERE application_id = (SELECT id FROM application WHERE company_id = '${company.id}')`);
	mine("signed_in_until = now() + interval '90 seconds'");
	await v.get("/fleet/register/tasks");
	about((await left(v, "records"))[0], 90);
	await send();
	about((await left(v, "records"))[0], 1800);
	mine("signed_in_at = now() - interval '3 hours 50 minutes', signed_in_until = now() + interval '1 minute'");
	await send();
	about((await left(v, "records"))[0], 600);
	mine("signed_in_until = now()");
	assert.equal((await send()).path, "/records/phone?to=fleet");
	assert.equal(await left(v, "records"), null);
	v.close();
});

test("a phone at a desk's draft: its own time only, two hours at most, and nothing once it was ended", async () => {
	const v = await drafted("front"), phone = new Visitor(instance);
	await v.post("/register/handover/front", { action: "show" });
	const link = new URL(v.page.html.match(/href="(https:[^"]*\/c\/[^"]*)"/)[1]).pathname;
	await phone.get(link);
	await phone.post(link);
	assert.equal(phone.page.path, "/register/front");
	assert.match(phone.page.text, /这部手机可以办到 ?(\d{4}-\d\d-\d\d )?\d\d:\d\d/);
	about((await left(phone, "handover"))[0], 1800);
	assert.equal(await left(phone, "draft"), null, "a limited session is no draft of its own");
	const until = (sql) => {
		setDraft(v, `expires_at = ${sql}`, "IS NOT NULL");
		instance.sql(`UPDATE handover SET expires_at = ${sql} WHERE application_id = ${v.draft} AND ended_at IS NULL`);
	};
	until("now() + interval '100 seconds'");
	pauseIn(v, 300);
	about((await extend(phone)).json.handover[0], 1800);
	about((await left(v, "draft"))[0], 300);
	instance.sql(`UPDATE handover SET opened_at = now() - interval '1 hour 55 minutes' WHERE application_id = ${v.draft}`);
	until("now() + interval '100 seconds'");
	const answer = (await extend(phone)).json.handover;
	about(answer[0], 300);
	assert.equal(answer[1], 1);
	assert.equal((await phone.get("/register/front")).path, "/register/front");
	until("now()");
	assert.equal((await extend(phone)).json.handover, undefined);
	assert.equal((await phone.get("/register/front")).path, "/handover");
	until("now() + interval '100 seconds'");
	await v.get("/register/front");
	await v.post("/register/handover/front", { action: "cancel" });
	assert.equal((await extend(phone)).json.handover, undefined);
	assert.equal((await phone.get("/register/front")).path, "/handover");
	for (const one of [v, phone]) one.close();
});

test("a forged press lengthens nothing and leads nowhere else", async () => {
	const v = await drafted("consent"), stranger = new Visitor(instance), other = (await stranger.get("/register/notice")).csrf;
	pauseIn(v, 200);
	for (const csrf of ["", other, "x"]) {
		assert.equal((await extend(v, { csrf })).status, 403);
		assert.equal((await v.send("/session", { csrf, to: "/register/consent" })).status, 303);
	}
	about((await left(v, "draft"))[0], 200);
	for (const to of ["//evil.example/", "https://evil.example/", "/\\evil.example", ""]) assert.equal((await v.send("/session", { to })).headers.location, "/", to);
	assert.deepEqual(Object.keys((await stranger.json("/session")).json), ["csrf"], "nobody's session has nothing");
	for (const one of [v, stranger]) one.close();
});
