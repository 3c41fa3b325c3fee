// 扫码继续, and the entry by link: what is used once, runs out, is forged or belongs to somebody else; both devices; the machine endpoint.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, Visitor } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
const masked = (vin) => `${vin.slice(0, 7)}${"*".repeat(6)}${vin.slice(-4)}`;
const seed = () => String(Math.random());
const audited = (id) => instance.sql(`SELECT action || coalesce('/' || (detail->>'by'), '') FROM audit WHERE application_id = ${id} AND action LIKE 'handover.%' ORDER BY id`).flat();

// Presses 显示二维码 on the desk; the path of the link.
async function shown(desk, step = "front") {
	await desk.get(`/register/${step}`);
	await desk.post(`/register/handover/${step}`, { action: "show" });
	const link = desk.page.attributes("a", "href").find((href) => href.includes("/c/"));
	assert.ok(link, desk.page.text.slice(0, 500));
	return new URL(link).pathname;
}
// A phone that opened the link and pressed 继续.
async function taken(path, options = { localAddress: "127.0.0.9" }) {
	const phone = new Visitor(instance, options);
	await phone.get(path);
	await phone.post(path);
	return phone;
}
// What the page on the desk asks about, by script or by its refresh.
const waits = (desk) => desk.page.html.match(/;url=([^"]+)"/)[1].replaceAll("&amp;", "&");

test("the link: made by a press only, shown again on refresh, no personal data, stored as a hash", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" });
	await desk.get("/register/front");
	assert.ok(desk.page.has("用手机继续") && !desk.page.html.includes("/c/"), "none without a press");
	assert.equal(instance.value(`SELECT count(*) FROM handover WHERE application_id = ${desk.draft}`), "0");
	const path = await shown(desk);
	assert.match(path, /^\/c\/[A-Za-z0-9_-]{24}$/);
	assert.match(desk.page.html, /<svg class="qr"[^>]*>\s*<path d="M[0-9Mhvz -]{500,}"/);
	assert.ok(desk.page.waiting && desk.page.has("本页会自动继续") && desk.page.has("只能用一次"));
	await desk.get("/register/front");
	assert.ok(desk.page.html.includes(path), "the same after a refresh");
	assert.equal(instance.value(`SELECT extract(epoch FROM expires_at - created_at)::integer FROM handover WHERE application_id = ${desk.draft}`), "900");
	assert.ok(!instance.dump().includes(path.slice(3)), "not in the database");
	assert.deepEqual(audited(desk.draft), ["handover.created"]);
	desk.close();
});

test("previews do not use it up; one phone may, and only once; nobody else's draft is shown", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), path = await shown(desk);
	for (let n = 0; n < 3; n++) {
		const preview = new Visitor(instance), page = await preview.get(path);
		assert.equal(page.status, 200);
		assert.ok(page.has("如非本人发起请关闭") && page.has(masked(car.vin)) && !page.html.includes(car.vin));
		preview.close();
	}
	const first = new Visitor(instance), second = new Visitor(instance);
	await first.get(path);
	await second.get(path);
	await oneOfTwo(path, first, second);
	const late = new Visitor(instance);
	assert.equal((await late.get(path)).status, 404);
	assert.ok(late.page.has("二维码已失效") && !late.page.has(car.vin.slice(-4)));
	assert.equal((await late.get("/register/front")).path, "/register/notice");
	const winner = (await first.get("/handover")).status === 200 ? first : second;
	assert.equal((await winner.get(path)).path.split("?")[0], "/handover", "whoever used it goes on");
	for (const v of [desk, first, second, late]) v.close();
});

// Two press at once: one goes on, the other is told, and keeps the session that he had.
async function oneOfTwo(path, ...two) {
	const ids = two.map((v) => v.cookies.get("__Host-sid")), answers = await Promise.all(two.map((v) => v.send(path)));
	assert.deepEqual(answers.map((page) => page.status).sort(), [303, 404]);
	two.forEach((v, i) => assert.equal(v.cookies.get("__Host-sid") === ids[i], answers[i].status === 404));
}

// Whoever pressed and never got the answer: the same press, or the link, once more gives this browser its session; the old id alone, and
// the link alone, give nothing. on: where it leads; off: where it leads without.
async function answerLost(path, v, { on, off }) {
	await v.get(path);
	const old = v.cookies.get("__Host-sid"), page = v.page;
	const before = () => {
		v.cookies.set("__Host-sid", old);
		v.page = page;
	};
	assert.equal((await v.post(path)).path.split("?")[0], on.first);
	const id = v.cookies.get("__Host-sid");
	before();
	assert.equal((await v.get(on.first)).path.split("?")[0], off, "the old id alone is worth nothing");
	for (const act of [() => v.post(path), () => v.get(path)]) {
		before();
		assert.equal((await act()).path.split("?")[0], on.again);
		assert.equal(v.cookies.get("__Host-sid"), id, "the same, whichever answer comes last");
	}
	// Not for long, and not once it was ended.
	instance.sql("UPDATE entry_link SET used_at = used_at - interval '11 minutes'; UPDATE handover SET opened_at = opened_at - interval '11 minutes'");
	before();
	assert.equal((await v.get(path)).status, 404);
	assert.equal(v.cookies.get("__Host-sid"), old, "what he had before stays");
	instance.sql("UPDATE entry_link SET used_at = used_at + interval '11 minutes'; UPDATE handover SET opened_at = opened_at + interval '11 minutes'");
	// Somebody else with a draft of his own, who looked while it could be used.
	const other = await journey(instance, (await importCars(instance))[0], { stop: "cards" }), own = other.cookies.get("__Host-sid");
	assert.equal((await other.send(path)).status, 404);
	assert.equal(other.cookies.get("__Host-sid"), own, "keeps his session");
	assert.equal((await other.get("/register/cards")).path, "/register/cards");
	other.close();
}
test("the answer to 继续 was lost: who pressed goes on, nobody else", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), phone = new Visitor(instance);
	await answerLost(await shown(desk), phone, { on: { first: "/register/front", again: "/handover" }, off: "/register/notice" });
	const own = await journey(instance, (await importCars(instance))[0], { stop: "cards" }), old = own.cookies.get("__Host-sid"), path = await shown(desk);
	await own.get(path);
	await own.post(path);
	own.cookies.set("__Host-sid", old); // the answer is lost
	await desk.get("/register/front");
	await desk.post("/register/handover/front", { action: "cancel" });
	assert.equal((await own.get(path)).status, 404, "cancelled at the desk meanwhile");
	assert.equal((await own.get("/register/cards")).path, "/register/cards", "his own draft is still his");
	for (const v of [desk, phone, own]) v.close();
});

test("front and back on the phone, the desk goes on by itself, then the clip with the same phone", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" });
	const phone = await taken(await shown(desk));
	assert.equal(phone.page.path, "/register/front");
	assert.ok(phone.page.has("办完这一步请回到电脑") && phone.page.has(masked(car.vin)));
	// The desk sees that the phone is there.
	const before = desk.page.path;
	await desk.get("/register/front");
	assert.ok(desk.page.has("手机已连接"));
	assert.ok(!desk.page.html.includes("/c/"), "a used link is not shown");
	const now = waits(desk);
	assert.equal((await desk.json(now)).json.waiting, true);
	const early = (await desk.json(before)).json;
	assert.equal(early.location, now, "a page that still shows the code is sent on");
	await phone.picture("front", jpeg(`${seed()}|front`), { next: false });
	assert.equal(phone.page.path.split("?")[0], "/handover");
	assert.equal(phone.page.heading, "请回到电脑");
	const answer = (await desk.json(now)).json;
	assert.equal(answer.location, "/register/back", "with script");
	assert.equal((await desk.get(now)).path.split("?")[0], "/register/back", "and without, by its refresh");
	assert.ok(desk.page.has("手机已连接"), "the phone may do the next one too");
	assert.ok(phone.page.attributes("a", "href").includes("/register/back"));
	await phone.picture("back", jpeg(`${seed()}|back`), { next: false });
	assert.ok(phone.page.has("请回到电脑") && phone.page.has("轮到拍摄时"));
	const rests = phone.page.path;
	assert.equal((await phone.json(rests)).json.waiting, true);
	assert.equal((await desk.json(waits(desk))).json.location, "/register/identity");
	await desk.identity();
	await desk.consent();
	assert.equal(desk.page.path.split("?")[0], "/register/liveness");
	const called = (await phone.json(rests)).json;
	assert.match(called.location, /^\/handover\?at=next-liveness$/, "the phone is called");
	await phone.get(called.location);
	const looks = desk.page.path;
	await phone.clip(clip(seed()));
	assert.equal(phone.page.heading, "请回到电脑");
	assert.equal((await desk.json(looks)).json.location, "/register/agreements");
	await desk.agree();
	await desk.submit();
	assert.equal(desk.page.path, "/register/done");
	assert.ok((await phone.get(phone.page.path)).has("已在电脑上提交"));
	const number = desk.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number);
	assert.equal((await phone.get("/register/done")).path.split("?")[0], "/handover", "not the result");
	assert.deepEqual(audited(desk.draft), ["handover.created", "handover.opened"]);
	desk.close();
	phone.close();
});

test("the phone has the photo and video steps, nothing else", async () => {
	const [car] = await importCars(instance), number = newPhone(), desk = await journey(instance, car, { stop: "front", phone: number });
	const phone = await taken(await shown(desk));
	for (const step of ["notice", "vehicle", "cards", "phone", "code", "identity", "consent", "agreements", "check", "done"]) {
		assert.equal((await phone.get(`/register/${step}`)).path.split("?")[0], "/handover", step);
		assert.ok(!phone.page.html.includes(car.vin) && !phone.page.html.includes(`${number.slice(0, 3)}****`), step);
		if (step !== "done") assert.equal((await phone.send(`/register/${step}`, { phone: number, code: "000000", card: "1", agree: "1" })).headers.location.split("?")[0], "/handover", `POST ${step}`);
	}
	await phone.get("/register/front");
	assert.equal((await phone.get("/records")).path, "/records/phone", "not signed in");
	await phone.get("/register/front");
	assert.equal((await phone.send("/register/handover/front", { action: "show" })).headers.location, "/handover", "and makes no links");
	assert.equal(instance.value(`SELECT count(*) FROM handover WHERE application_id = ${desk.draft}`), "1");
	await desk.get("/register/front");
	assert.equal((await desk.send("/register/handover/identity", { action: "show" })).status, 404, "a step that offers none");
	desk.close();
	phone.close();
});

test("cancelled at the desk: before it is opened and after", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), path = await shown(desk);
	await desk.post("/register/handover/front", { action: "cancel" });
	assert.ok(desk.page.has("用手机继续") && !desk.page.waiting);
	const late = new Visitor(instance);
	assert.equal((await late.get(path)).status, 404);
	const phone = await taken(await shown(desk)), upload = phone.page.uploadPath;
	await desk.get("/register/front");
	await desk.post("/register/handover/front", { action: "cancel" });
	const before = instance.value(`SELECT version FROM application WHERE id = ${desk.draft}`);
	await phone.upload(upload, jpeg(seed()));
	assert.equal(phone.page.path, "/handover");
	assert.ok(phone.page.has("已取消"), phone.page.text);
	assert.equal(instance.value(`SELECT version FROM application WHERE id = ${desk.draft}`), before, "the late picture changes nothing");
	assert.equal((await phone.get("/register/picture/front")).path, "/handover");
	assert.deepEqual(audited(desk.draft), ["handover.created", "handover.ended/desk", "handover.created", "handover.opened", "handover.ended/desk"]);
	// Its own business it can begin at once.
	assert.equal((await phone.begin()).path, "/register/vehicle");
	for (const v of [desk, late, phone]) v.close();
});

test("cancelled on the phone: the desk is told", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), phone = await taken(await shown(desk));
	await desk.get("/register/front");
	const now = waits(desk);
	await phone.post("/handover", { action: "cancel" });
	assert.ok(phone.page.has("已取消在手机上办理"));
	const answer = (await desk.json(now)).json;
	assert.deepEqual(answer, { waiting: false, location: "/register/front" });
	assert.ok((await desk.get(answer.location)).has("手机上已取消"));
	assert.ok(audited(desk.draft).includes("handover.ended/phone"));
	desk.close();
	phone.close();
});

test("a new code kills the old one and the phone that used it", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), phone = await taken(await shown(desk));
	const second = await shown(desk);
	assert.ok((await phone.get("/register/front")).has("已取消"));
	assert.equal((await new Visitor(instance).get(second)).status, 200);
	desk.close();
	phone.close();
});

test("runs out: the link after 15 minutes, the phone after 30", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" }), path = await shown(desk), page = desk.page.path;
	const older = (minutes) => instance.sql(`UPDATE handover SET expires_at = expires_at - interval '${minutes} minutes' WHERE application_id = ${desk.draft}`);
	older(16);
	const v = new Visitor(instance);
	assert.equal((await v.get(path)).status, 404);
	const answer = (await desk.json(page)).json;
	assert.equal(answer.location, "/register/front");
	assert.ok((await desk.get(answer.location)).has("二维码已过期"));
	const phone = await taken(await shown(desk));
	older(31);
	instance.sql(`UPDATE session SET expires_at = expires_at - interval '31 minutes' WHERE handover_id IS NOT NULL AND application_id = ${desk.draft}`);
	await phone.get("/register/front");
	assert.equal(phone.page.path, "/handover");
	assert.equal(phone.page.status, 404);
	for (const one of [desk, v, phone]) one.close();
});

test("forged links, another draft's desk, the desk's own browser", async () => {
	const [car, other] = await importCars(instance, 2), desk = await journey(instance, car, { stop: "front" }), stranger = await journey(instance, other, { stop: "front" });
	const path = await shown(desk), nobody = new Visitor(instance);
	for (const forged of [`${path.slice(0, -1)}${path.endsWith("A") ? "B" : "A"}`, "/c/x", `/c/${"A".repeat(24)}`, `/c/${"%27".repeat(24)}`]) assert.equal((await nobody.get(forged)).status, 404, forged);
	await stranger.get("/register/front");
	await stranger.post("/register/handover/front", { action: "cancel" });
	assert.equal((await nobody.get(path)).status, 200, "a stranger's cancel is about his own");
	assert.equal((await desk.get(path)).path.split("?")[0], "/register/front", "the desk keeps its rights");
	assert.equal((await desk.get("/register/phone")).path, "/register/phone");
	assert.equal((await nobody.get(path)).status, 200, "and it is still good");
	for (const v of [desk, stranger, nobody]) v.close();
});

test("ten codes an hour for one draft", async () => {
	const [car] = await importCars(instance), desk = await journey(instance, car, { stop: "front" });
	for (let n = 0; n < 10; n++) await shown(desk);
	const answer = await desk.send("/register/handover/front", { action: "show" });
	assert.equal(answer.status, 429);
	assert.ok(answer.has("生成二维码的次数较多"));
	desk.close();
});

// ---- entry by link ----

const secret = readFileSync(join(instance.runDir, "secrets/entry-link"), "utf8").trim();
const seconds = () => Math.floor(Date.now() / 1000);
const call = (vins, more = {}) => ({ vins, flow: "register", expires: seconds() + 3600, time: seconds(), nonce: randomBytes(16).toString("hex"), ...more });
async function api(what, { sign = (body) => createHmac("sha256", secret).update(body).digest("hex"), type = "application/json", ...options } = {}) {
	const v = new Visitor(instance, options), body = typeof what === "string" ? what : JSON.stringify(what);
	const page = await v.request("POST", "/api/link", { headers: { "Content-Type": type, "X-Signature": sign(body) }, body });
	v.close();
	return page;
}
const linked = async (cars, more) => {
	const page = await api(call(cars.map((car) => car.vin), more));
	assert.equal(page.status, 200, page.html);
	return new URL(page.json.url).pathname;
};

test("the endpoint: 200, 401, 409, 422, 400, 403", async () => {
	const [car] = await importCars(instance), order = call([car.vin]), good = await api(order);
	assert.equal(good.status, 200);
	assert.match(good.json.url, /^https:\/\/[^/]+\/e\/[A-Za-z0-9_-]{43}$/);
	assert.equal(good.json.expires, order.expires);
	assert.equal((await api(order)).status, 409, "replayed");
	assert.equal((await api(call([car.vin]), { sign: () => "0".repeat(64) })).status, 401);
	assert.equal((await api(call([car.vin]), { sign: () => "" })).status, 401);
	assert.equal((await api(call([car.vin]), { sign: (body) => createHmac("sha256", secret).update(`${body} `).digest("hex") })).status, 401);
	for (const time of [seconds() - 301, seconds() + 900, undefined, "now"]) assert.equal((await api(call([car.vin], { time }))).status, 401, String(time));
	const unknown = await api(call([car.vin, "LSVAA2180E2123456"]));
	assert.equal(unknown.status, 422);
	assert.deepEqual(unknown.json, { error: "unknown_vin", place: 1 });
	for (const wrong of [{ vins: [] }, { vins: Array(21).fill(car.vin) }, { vins: ["short"] }, { vins: "x" }, { flow: "transfer" }, { flow: 1 }, { expires: seconds() - 1 }, { expires: seconds() + 721 * 3600 }, { nonce: "short" }, { nonce: undefined }])
		assert.equal((await api(call([car.vin], wrong))).status, 422, JSON.stringify(wrong));
	for (const wrong of ["", "[]", "{", "x".repeat(1000)]) assert.equal((await api(wrong)).status, 400, wrong.slice(0, 5));
	assert.equal((await api("vins=1", { type: "application/x-www-form-urlencoded" })).status, 400);
	assert.equal((await api(call([car.vin]), { plain: true })).status, 403, "over TLS only");
	assert.equal(instance.value(`SELECT count(*) FROM entry_link l JOIN entry_link_vehicle e ON e.entry_link_id = l.id JOIN vehicle v ON v.id = e.vehicle_id WHERE v.vin = '${car.vin}'`), "1");
	assert.ok(!instance.dump().includes(good.json.url.slice(-43)));
});

test("the same call at once is taken once; wrong signatures of one address have an end", async () => {
	const [car] = await importCars(instance), order = call([car.vin]);
	const answers = await Promise.all(Array.from({ length: 8 }, () => api(order)));
	assert.deepEqual(answers.map((page) => page.status).sort(), [200, ...Array(7).fill(409)]);
	const localAddress = "127.0.3.3";
	let last;
	for (let n = 0; n < 61; n++) last = await api("{}", { sign: () => "0".repeat(64), localAddress });
	assert.equal(last.status, 429);
	assert.equal((await api(call([car.vin]), { localAddress })).status, 429);
	assert.equal((await api(call([car.vin]))).status, 200, "another address is not concerned");
});

test("one car: chosen already, proved by the link; previews do not use it up; once", async () => {
	const [car] = await importCars(instance), path = await linked([car]), v = new Visitor(instance);
	for (let n = 0; n < 2; n++) {
		const preview = new Visitor(instance), page = await preview.get(path);
		assert.equal(page.status, 200);
		assert.ok(page.has(masked(car.vin)) && !page.html.includes(car.vin) && page.has("未登记"));
		preview.close();
	}
	await v.get(path);
	await v.post(path);
	assert.equal(v.page.path, "/register/cards");
	v.car = car;
	assert.deepEqual(instance.sql(`SELECT kind, state, provider FROM verification WHERE application_id = ${v.draft}`), [["vehicle_proof", "passed", "link"]]);
	assert.equal(instance.value(`SELECT count(*) FROM consent WHERE application_id = ${v.draft}`), "1");
	assert.deepEqual(instance.sql(`SELECT action FROM audit WHERE application_id = ${v.draft} ORDER BY id`).flat(), ["draft.created", "entry_link.used", "consent.given", "draft.vehicle_proved"]);
	await v.get("/register/vehicle");
	assert.ok(v.page.ticked("car") && v.page.has(masked(car.vin)), "chosen and visible");
	const late = new Visitor(instance);
	await late.get(path);
	assert.equal(late.page.status, 404);
	assert.ok(late.page.has("链接已失效") && late.page.attributes("a", "href").includes("/register/notice"));
	assert.equal((await v.get(path)).path, "/register/cards", "the owner's own second look goes on");
	await journeyOn(v);
	await cardStates(instance, v.application);
	late.close();
	v.close();
});

test("the answer to the link's button was lost: who pressed goes on, nobody else; pressed twice at once", async () => {
	const [one, two] = await importCars(instance, 2), v = new Visitor(instance), w = new Visitor(instance);
	await answerLost(await linked([one]), v, { on: { first: "/register/cards", again: "/register/cards" }, off: "/register/notice" });
	const path = await linked([two]);
	await w.get(path);
	const answers = await Promise.all([w.send(path), w.send(path)]);
	assert.deepEqual(answers.map((page) => page.status), [303, 303]);
	assert.equal((await w.get("/register/cards")).path, "/register/cards");
	assert.ok(w.page.has(masked(two.vin)));
	for (const who of [v, w]) who.close();
});

// The rest of a registration whose cards are to be chosen.
async function journeyOn(v) {
	await v.cards();
	await v.phone(newPhone());
	await v.code();
	await v.picture("front", jpeg(`${seed()}|front`));
	await v.picture("back", jpeg(`${seed()}|back`));
	await v.identity();
	await v.consent();
	await v.clip();
	await v.agree();
	await v.submit();
	v.application = v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)?.[1];
}

test("several cars: a list with their states; only cars of the link can be chosen", async () => {
	const [done, one, two, foreign] = await importCars(instance, 4), other = await journey(instance, done), v = new Visitor(instance);
	await cardStates(instance, other.application);
	const path = await linked([done, one, two]);
	await v.get(path);
	await v.post(path);
	assert.equal(v.page.path, "/register/vehicle");
	assert.equal(v.page.values("car").length, 3);
	for (const car of [done, one, two]) assert.ok(v.page.has(masked(car.vin)) && !v.page.html.includes(car.vin));
	assert.match(v.page.text, /已登记[\s\S]*未登记[\s\S]*未登记/);
	assert.ok(!v.page.ticked("car"), "none for the person");
	assert.equal((await v.post("/register/vehicle", { action: "owned" })).status, 422);
	assert.equal(v.page.errors.car, "请选择一辆车");
	const id = (car) => instance.value(`SELECT id FROM vehicle WHERE vin = '${car.vin}'`);
	assert.equal((await v.post("/register/vehicle", { action: "owned", car: id(foreign) })).status, 422);
	assert.equal((await v.post("/register/vehicle", { action: "owned", car: "' OR 1=1" })).status, 422);
	await v.post("/register/vehicle", { action: "owned", car: id(done) });
	assert.equal(v.page.path, "/register/refused/registered");
	await v.get("/register/vehicle");
	await v.post("/register/vehicle", { action: "owned", car: id(two) });
	assert.equal(v.page.path, "/register/cards");
	assert.ok(v.page.has(masked(two.vin)));
	await v.get("/register/vehicle");
	await v.post("/register/vehicle", { vin: foreign.vin, proof: foreign.proof });
	assert.equal(v.page.path, "/register/cards", "another car with its proof, as ever");
	const plain = new Visitor(instance);
	await plain.begin();
	assert.equal((await plain.send("/register/vehicle", { action: "owned", car: id(one) })).status, 422, "without a link there is no list");
	for (const who of [other, v, plain]) who.close();
});

test("runs out, is forged, is used by two at once", async () => {
	const [car] = await importCars(instance), path = await linked([car]), v = new Visitor(instance);
	instance.sql(`UPDATE entry_link SET expires_at = now() - interval '1 second' WHERE id = (SELECT l.id FROM entry_link l JOIN entry_link_vehicle e ON e.entry_link_id = l.id JOIN vehicle v ON v.id = e.vehicle_id WHERE v.vin = '${car.vin}')`);
	assert.equal((await v.get(path)).status, 404);
	for (const forged of [`/e/${"A".repeat(43)}`, "/e/x", `${path}x`]) assert.ok((await v.get(forged)).has("链接已失效"), forged);
	const second = await linked([car]), a = new Visitor(instance), b = new Visitor(instance);
	await a.get(second);
	await b.get(second);
	await oneOfTwo(second, a, b);
	for (const who of [v, a, b]) who.close();
});

test("the operator's command; a link without a flow lets the owner choose; the flow of a link", async () => {
	const [car, other] = await importCars(instance, 2), out = await instance.ctl("link", car.vin, other.vin), v = new Visitor(instance);
	const path = new URL(out.trim()).pathname;
	await v.get(path);
	assert.ok(v.page.has("开始办理登记") && v.page.has("开始办理注销") && v.page.has("开始办理变更"));
	assert.equal((await v.send(path, { flow: "sell" })).status, 404, "and the link is not used up");
	await v.post(path, { flow: "cancel" });
	assert.equal(v.page.path, "/cancel/vehicle");
	const cancel = new URL((await instance.ctl("link", car.vin, "--flow", "cancel", "--hours", "1")).trim()).pathname;
	await v.get(cancel);
	await v.post(cancel, { flow: "register" });
	assert.equal(v.page.path, "/cancel/refused/not-registered", "the link says what it is for");
	// A change, by the operator's link and by the app's.
	const [mine] = await importCars(instance), done = await journey(instance, mine);
	await cardStates(instance, done.application);
	for (const update of [new URL((await instance.ctl("link", mine.vin, "--flow", "update")).trim()).pathname, await linked([mine], { flow: "update" })]) {
		await v.get(update);
		assert.equal(v.page.heading, "信息变更");
		await v.post(v.page.path);
		assert.equal(v.page.path, "/update/cards");
	}
	done.close();
	await assert.rejects(instance.ctl("link", "LSVAA2180E2123456"), /not known/);
	await assert.rejects(instance.ctl("link", car.vin, "--flow", "sell"), /register, cancel or update/);
	await assert.rejects(instance.ctl("link"), /missing/);
	await assert.rejects(instance.ctl("link", ...Array(21).fill(car.vin)), /at most 20/);
	v.close();
});

test("no log has a token or a VIN of a link", async () => {
	const [car] = await importCars(instance), path = await linked([car]), v = new Visitor(instance);
	await v.get(path);
	await v.post(path);
	v.car = car;
	for (const part of ["web", "access", "nginx"]) {
		let text = "";
		try {
			text = instance.log(part);
		} catch {
			continue;
		}
		assert.ok(!text.includes(path.slice(3)), part);
		assert.ok(!text.includes(car.vin), part);
	}
	assert.match(instance.log("access"), / GET \/e\/- /);
	v.close();
});
