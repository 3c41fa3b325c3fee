// 同意协议 and 核对并提交: what is agreed is on record, what is shown is what is sent, and one application comes of any number of presses.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, until, Visitor } from "./client.mjs";

const instance = Instance.shared();
const idOf = (v) => instance.value(`SELECT ${v.draft}`);

test("nothing is ticked before, and without the tick nothing goes on", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "agreements" });
	assert.ok(!v.page.ticked("agree"));
	for (const fields of [{}, { agree: "0" }, { agree: "" }]) {
		const page = await v.post("/register/agreements", fields);
		assert.equal(page.status, 422);
		assert.match(page.error("agree"), /先阅读协议/);
		assert.ok(!page.ticked("agree"));
	}
	assert.equal((await v.get("/register/check")).path, "/register/agreements");
	v.close();
});

test("each text is a page of its own, and what was agreed is kept with its SHA-256, address and browser", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "agreements", userAgent: "Browser of the consent test" });
	const links = [...new Set(v.page.attributes("a", "href").filter((path) => path.startsWith("/agreement/")))];
	for (const kind of ["network", "responsibility", "personal-information"]) assert.ok(links.includes(`/agreement/${kind}`), kind);
	const statement = v.page.text;
	for (const path of links) {
		const page = await v.request("GET", path);
		assert.equal(page.status, 200);
		assert.match(page.text, /版本/);
	}
	await v.agree();
	const rows = instance.sql(`SELECT t.kind, encode(c.sha256, 'hex'), encode(t.sha256, 'hex'), c.address, c.browser, c.statement, encode(convert_to(t.body, 'UTF8'), 'base64') FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = '${idOf(v)}' ORDER BY c.given_at`.replace("'base64')", "'hex')"));
	assert.deepEqual(rows.map((row) => row[0]).sort(), ["face", "network", "personal_information", "privacy_notice", "responsibility"]);
	for (const [kind, agreed, text, address, browser, words, body] of rows) {
		assert.equal(agreed, text, kind);
		assert.equal(address, "127.0.0.1");
		assert.equal(browser, "Browser of the consent test");
		assert.ok(words.length > 4);
		assert.equal(createHash("sha256").update(Buffer.from(body, "hex")).digest("hex"), text, `${kind}: the hash is that of the text`);
		if (["network", "responsibility", "personal_information"].includes(kind)) assert.ok(statement.includes(words.match(/《([^》]+)》/)[1]), "the words beside the tick");
	}
	v.close();
});

test("a text that changed while the page was open is shown before it is agreed to; of one day's versions the later one counts", async () => {
	const [car] = await importCars(instance), v = new Visitor(instance);
	const known = Object.fromEntries(instance.sql("SELECT kind, id FROM agreement_shown"));
	let loads = 0;
	// Another version, valid from the same moment as the one that is shown, whose name comes before it.
	const newer = (kind) => instance.sql(`INSERT INTO agreement_text (id, automaker_id, kind, version, title, body, sha256, valid_from) SELECT gen_random_uuid(), automaker_id, kind, '!changed-${++loads}', title, body, sha256, valid_from FROM agreement_shown WHERE kind = '${kind}'`);
	// The page is opened, the text changes, the form is sent: shown again with the new text, without the tick. Then the same from a page that does not say.
	const changes = async (path, kind, field, fields = {}) => {
		await v.get(path);
		newer(kind);
		for (const old of [{}, { [`shown_${kind}`]: "" }]) {
			const page = await v.post(path, { ...fields, ...old });
			assert.equal(page.status, 422, path);
			assert.match(page.error(field), /刚有更新/, path);
			assert.ok(!page.ticked(field), path);
			assert.notEqual(page.textsShown[`shown_${kind}`], known[kind]);
			assert.equal(page.textsShown[`shown_${kind}`], instance.value(`SELECT id FROM agreement_text WHERE version = '!changed-${loads}'`));
		}
		return v.post(path, fields);
	};
	try {
		const after = await changes("/register/notice", "privacy_notice", "privacy");
		assert.equal(after.path, "/register/vehicle");
		await journey(instance, car, { stop: "consent", visitor: v });
		assert.equal((await changes("/register/consent", "face", "consent", { consent: "1" })).path, "/register/liveness");
		await v.clip();
		assert.equal((await changes("/register/agreements", "network", "agree", { agree: "1" })).path, "/register/check");
		assert.deepEqual(instance.sql(`SELECT t.kind, t.version LIKE '!changed-%' FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = '${idOf(v)}' ORDER BY t.kind`),
			[["face", "t"], ["network", "t"], ["personal_information", "f"], ["privacy_notice", "t"], ["responsibility", "f"]]);
		// The page of a link, which stays good.
		const [other] = await importCars(instance), link = new URL((await instance.ctl("link", other.vin, "--flow", "register")).match(/https:\/\/\S+/)[0]).pathname;
		await changes(link, "privacy_notice", "privacy");
		assert.match(v.page.path, /^\/register\/(phone|cards)$/);
		assert.match(await instance.ctl("agreement", "list"), /^\*\tnetwork\t!changed-/m);
	} finally {
		instance.sql("DELETE FROM consent WHERE agreement_text_id IN (SELECT id FROM agreement_text WHERE version LIKE '!changed-%'); DELETE FROM agreement_text WHERE version LIKE '!changed-%'");
	}
	v.close();
});

test("what is checked is masked, pictures and all, and every change link returns here", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]), v = await journey(instance, car, { stop: "check" });
	const page = v.page, { name, number, address } = v.person;
	for (const secret of [name, number, address, v.number, car.vin]) assert.ok(!page.html.includes(secret), "unmasked");
	for (const shown of [name.slice(0, 1), number.slice(-1), v.number.slice(-4), ...car.cards.map((card) => card.iccid.slice(-4))]) assert.ok(page.has(shown));
	const links = [...new Set(page.attributes("a", "href").filter((path) => /^\/register\/(vehicle|cards|phone|identity|front|back)$/.test(path)))];
	assert.ok(links.length >= 5, links.join(" "));
	for (const path of links) assert.equal((await v.get(path)).path, path);
	// Cards are changed: back to the check page at once.
	const cards = (await v.get("/register/cards")).values("card");
	await v.post("/register/cards", { card: cards.slice(0, 1) });
	assert.equal(v.page.path, "/register/check");
	await v.get("/register/identity");
	await v.identity({ address: `${address}（新）` });
	assert.ok(v.page.path === "/register/check" || v.page.path === "/register/liveness", v.page.path);
	v.close();
});

test("a page of an older state does not submit", async () => {
	const [car] = await importCars(instance, [{ cards: 2 }]), v = await journey(instance, car, { stop: "check" });
	const old = v.page.value("token"), csrf = v.page.csrf;
	const cards = (await v.get("/register/cards")).values("card");
	await v.post("/register/cards", { card: cards.slice(0, 1) });
	for (const token of [old, "", "abc", "-1", "99999999999999999999"]) {
		const answer = await v.send("/register/check", { csrf, token });
		assert.equal(answer.status, 409, token);
		assert.ok(answer.has("再核对一遍"), "shown again");
		assert.notEqual(answer.value("token"), old);
	}
	assert.equal(instance.value(`SELECT submitted_at IS NULL FROM application WHERE id = '${idOf(v)}'`), "t");
	assert.equal((await v.submit()).path, "/register/done");
	v.close();
});

test("fifty presses at once are one application", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "check" }), id = idOf(v), token = v.page.value("token");
	const answers = await Promise.all(Array.from({ length: 50 }, () => v.send("/register/check", { token })));
	for (const answer of answers) {
		assert.equal(answer.status, 303);
		assert.equal(answer.headers.location, "/register/done");
	}
	const again = await v.send("/register/check", { token });
	assert.equal(again.headers.location, "/register/done", "and later too");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = '${id}' AND action = 'application.submitted'`), "1");
	assert.equal(instance.value(`SELECT count(*) FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id WHERE ac.application_id = '${id}'`), "2");
	assert.equal(instance.value(`SELECT count(*) FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND ac.state IN ('pushing', 'done')`), "1");
	await v.get("/register/done");
	await cardStates(instance, v.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1]);
	assert.equal(instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid && m.action === "account").length, 1);
	v.close();
});

test("fifty presses of 开始办理 and of the phone are one draft and one SMS", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" }), phone = `139${String(Date.now()).slice(-8)}`;
	instance.remember(phone);
	const answers = await Promise.all(Array.from({ length: 50 }, () => v.send("/register/phone", { phone })));
	for (const answer of answers) assert.equal(answer.status < 500, true, String(answer.status));
	await instance.code(phone);
	await until("the queue to be empty", () => instance.value("SELECT count(*) FROM job WHERE dead_at IS NULL AND kind = 'sms_send'") === "0");
	assert.equal(instance.sms(phone).length, 1);
	v.close();
});

test("every change is on record, numbered without gaps, in a chain", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car);
	await cardStates(instance, v.application);
	const rows = instance.sql(`SELECT u.number, u.action FROM audit u JOIN application a ON a.id = u.application_id WHERE a.number = '${v.application}' ORDER BY u.number`);
	assert.deepEqual(rows.map((row) => Number(row[0])), rows.map((row, i) => i + 1));
	for (const action of ["consent.given", "application.submitted"]) assert.ok(rows.some((row) => row[1] === action), action);
	await instance.ctl("audit", "verify");
	v.close();
});

test("after submission no step can be changed, and a new one starts afresh", async () => {
	const [car, next] = await importCars(instance, 2), v = await journey(instance, car);
	for (const step of ["vehicle", "cards", "phone", "code", "front", "identity", "consent", "liveness", "agreements", "check"]) {
		assert.equal((await v.get(`/register/${step}`)).path, "/register/done", step);
		assert.equal((await v.send(`/register/${step}`, { csrf: v.token })).headers.location ?? "", "/register/done", step);
	}
	assert.equal((await journey(instance, next, { visitor: v, stop: "cards" })).page.path, "/register/vehicle".replace("vehicle", "cards"));
	v.close();
});
