// Codes by SMS: tries, resending, limits, and that nobody who reads the database can use one.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test, { after } from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, newPhone, until, Visitor } from "./client.mjs";

const instance = Instance.shared();
let own; // an instance with the limits of a phone as they come, and few sign-ins for an address and in all
after(() => own?.stop());

async function atCode(options = {}, where = instance) {
	const [car] = await importCars(where);
	const v = await journey(where, car, { stop: "code", ...options });
	assert.equal(v.page.path, "/register/code");
	v.car = car;
	return v;
}
// A minute goes by for every phone.
const minute = (where = instance) => {
	where.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	where.sql("UPDATE sms_code SET created_at = created_at - interval '61 seconds'");
};
const other = (code) => String((Number(code) + 1) % 1000000).padStart(6, "0");

test("five wrong codes use a code up; the right one is no good then", async () => {
	const v = await atCode(), code = await instance.code(v.number);
	for (const left of [4, 3, 2, 1]) {
		const page = await v.post("/register/code", { code: other(code) });
		assert.equal(page.status, 422);
		assert.match(page.error("code"), new RegExp(`还可以再试 ${left} 次`));
	}
	assert.match((await v.post("/register/code", { code: other(code) })).error("code"), /已失效/);
	assert.match((await v.post("/register/code", { code })).error("code"), /已失效/);
	minute();
	await v.post("/register/code", { action: "resend" });
	assert.equal((await v.post("/register/code", { code: await instance.code(v.number, 2) })).path, "/register/front");
	v.close();
});

test("a code is asked for anew after a minute, and the old one stays good", async () => {
	const v = await atCode(), first = await instance.code(v.number);
	const soon = await v.post("/register/code", { action: "resend" });
	assert.ok([422, 429].includes(soon.status));
	assert.match(soon.error("code"), /请在 \d\d:\d\d 后重新获取/);
	minute();
	await v.post("/register/code", { action: "resend" });
	const second = await instance.code(v.number, 2);
	assert.notEqual(first, second);
	assert.equal((await v.post("/register/code", { code: first })).path, "/register/front", "the older of two");
	assert.equal(instance.value(`SELECT count(*) FROM sms_code c JOIN application a ON a.id = ${v.draft} AND a.phone_hash = c.phone_hash WHERE c.used_at IS NULL`), "0", "the other went with it");
	v.close();
});

test("a code is used once, and has run out after ten minutes", async () => {
	const v = await atCode(), code = await instance.code(v.number);
	instance.sql("UPDATE sms_code SET expires_at = now() - interval '1 second' WHERE used_at IS NULL");
	assert.match((await v.post("/register/code", { code })).error("code"), /已过期/);
	minute();
	await v.post("/register/code", { action: "resend" });
	const second = await instance.code(v.number, 2);
	await v.post("/register/code", { code: second });
	assert.equal(v.page.path, "/register/front");
	assert.equal((await v.post("/register/code", { code: second })).path, "/register/front", "used: nothing more is asked for");
	assert.equal((await v.get("/register/code")).path, "/register/front", "Back leads to no page that takes no code");
	const back = v.page.attributes("a", "href").find((href) => href.startsWith("/register/"));
	assert.equal(back, "/register/phone");
	v.close();
});

test("a code of another session does not help, not even for the same phone", async () => {
	const phone = newPhone(), mine = await atCode({ phone });
	minute();
	const theirs = await atCode({ phone });
	const [a, b] = [await instance.code(phone), await instance.code(phone, 2)];
	assert.equal((await theirs.post("/register/code", { code: a })).status, 422);
	assert.equal((await mine.post("/register/code", { code: b })).status, 422);
	assert.equal((await mine.post("/register/code", { code: a })).path, "/register/front");
	// A code for the records is none for the draft.
	minute();
	const v = new Visitor(instance);
	await v.get("/records/phone");
	await v.post("/records/phone", { phone });
	assert.equal(v.page.path, "/records/code");
	const c = await instance.code(phone, 3);
	assert.equal((await theirs.post("/register/code", { code: c })).status, 422);
	assert.equal((await v.post("/records/code", { code: b })).status, 422);
	for (const one of [mine, theirs, v]) one.close();
});

test("the database does not hold the digits, nor a hash of them that can be searched", async () => {
	const v = await atCode(), code = await instance.code(v.number);
	const dump = instance.dump();
	// Times and ids hold digits by chance: only whole values and text columns count.
	for (const line of dump.split("\n")) assert.ok(!line.split("\t").some((value) => value === code), "the digits as a value");
	const [[id, seed, hash]] = instance.sql("SELECT id, encode(seed, 'hex'), encode(code_hash, 'hex') FROM sms_code ORDER BY created_at DESC LIMIT 1");
	for (const text of [code, `${id}|${code}`, `sms_code|${id}|${code}`, seed + code]) assert.notEqual(hash, createHash("sha256").update(text).digest("hex"), "not keyed");
	assert.equal(instance.value(`SELECT count(*) FROM sms_message WHERE array_to_string(parameters, ' ') LIKE '%${code}%'`), "0");
	v.close();
});

test("a number to which nothing could be sent is not kept: no page says that a code is there", async () => {
	const first = newPhone(), other = newPhone(), v = await atCode({ phone: first }), stranger = new Visitor(instance);
	await stranger.get("/records/phone");
	await stranger.post("/records/phone", { phone: other });
	stranger.close();
	for (let n = 0; n < 2; n++) {
		assert.match((await v.post("/register/phone", { phone: other })).error("phone"), /请在 \d\d:\d\d 后重新获取/, `time ${n + 1}`);
		assert.equal(v.page.path, "/register/phone");
	}
	assert.equal((await v.get("/register/phone")).value("phone"), first, "the number that has a code");
	await v.post("/register/phone", { phone: first });
	assert.equal(v.page.path, "/register/code", "back to the code that is on its way");
	assert.equal(instance.value(`SELECT count(*) FROM sms_code c JOIN application a ON a.id = ${v.draft} WHERE c.phone_hash = a.phone_hash`), "1");
	// Without one that could still be typed in it is said, also for the draft's own number.
	instance.sql("UPDATE sms_code SET expires_at = now() - interval '1 second' WHERE used_at IS NULL");
	assert.match((await v.post("/register/phone", { phone: first })).error("phone"), /请在 \d\d:\d\d 后重新获取/);
	v.close();
});

test("while the message is on its way the page asks by script only: without it nothing reloads under who types", async () => {
	const v = new Visitor(instance), newest = "(SELECT message_id FROM sms_code ORDER BY created_at DESC LIMIT 1)";
	await v.get("/records/phone");
	await v.post("/records/phone", { phone: newPhone() });
	await until("it is sent", () => instance.value(`SELECT state FROM sms_message WHERE id = ${newest}`) === "sent");
	instance.sql(`UPDATE sms_message SET state = 'waiting' WHERE id = ${newest}`);
	await v.get("/records/code");
	assert.ok(v.page.waiting && v.page.has("收到后填在下面"));
	assert.doesNotMatch(v.page.html, /http-equiv="refresh"/);
	assert.equal((await v.post("/records/code", { code: "12" })).status, 422);
	assert.ok(!v.page.waiting, "an error stays until it is read");
	v.close();
});

test("back at the sign-in within the minute: to the page for the code that is on its way", async () => {
	const phone = newPhone(), v = new Visitor(instance), count = () => instance.value("SELECT count(*) FROM sms_code");
	await v.get("/records/phone");
	await v.post("/records/phone", { phone });
	const before = count();
	await v.get("/records/phone");
	await v.post("/records/phone", { phone });
	assert.deepEqual([v.page.path, count()], ["/records/code", before], "no other one is sent");
	await v.post("/records/code", { code: await instance.code(phone) });
	assert.equal(v.page.path, "/records");
	v.close();
});

test("the answer to a right code was lost: the same code once more, and only that, gives the browser its session", async () => {
	const lost = async (v, path, code, { before, after }) => {
		const old = v.cookies.get("__Host-sid"), page = v.page;
		const press = (typed) => {
			v.cookies.set("__Host-sid", old);
			v.page = page;
			return v.post(path, { code: typed });
		};
		assert.equal((await v.post(path, { code })).path, after);
		const id = v.cookies.get("__Host-sid");
		assert.notEqual(id, old);
		assert.equal((await press(other(code))).path, before, "another one does not help");
		assert.equal((await press(code)).path, after);
		assert.equal(v.cookies.get("__Host-sid"), id, "pressed twice, whichever answer comes last: the same id");
		instance.sql("UPDATE sms_code SET used_at = used_at - interval '121 seconds' WHERE used_at IS NOT NULL");
		assert.equal((await press(code)).path, before, "not for long");
		v.cookies.set("__Host-sid", old);
		assert.equal((await v.get(after)).path, before, "the old id alone is worth nothing");
		v.close();
	};
	const v = await atCode();
	await lost(v, "/register/code", await instance.code(v.number), { before: "/register/notice", after: "/register/front" });
	const phone = newPhone(), w = new Visitor(instance);
	await w.get("/records/phone");
	await w.post("/records/phone", { phone });
	await lost(w, "/records/code", await instance.code(phone), { before: "/records/phone", after: "/records" });
});

// A sign-in's page after a code was asked for.
async function signIn(where, phone, options = {}) {
	const v = new Visitor(where, options);
	await v.get("/records/phone");
	const page = await v.post("/records/phone", { phone });
	v.close();
	return page;
}
const hour = (where) => where.sql("UPDATE attempt SET at = at - interval '61 minutes' WHERE kind LIKE '%.phone'");

test("a phone: one a minute, two sign-ins an hour and four a day; applications have three and six of their own", async () => {
	own = await Instance.start("sms", { REALNAME_SIGNIN_ADDRESS_HOUR: "10", REALNAME_SIGNIN_BUDGET_DAY: "15" });
	const phone = newPhone();
	own.remember(phone);
	assert.equal((await signIn(own, phone)).path, "/records/code");
	const soon = await signIn(own, phone);
	assert.equal(soon.status, 429);
	assert.match(soon.error("phone"), /请在 \d\d:\d\d 后重新获取/);
	assert.equal(soon.value("phone"), phone);
	minute(own);
	assert.equal((await signIn(own, phone)).path, "/records/code");
	minute(own);
	assert.match((await signIn(own, phone)).error("phone"), /请在 \d\d:\d\d 后重新获取/, "two in this hour");
	for (let n = 3; n <= 4; n++) {
		hour(own);
		assert.equal((await signIn(own, phone)).path, "/records/code", `code ${n}`);
	}
	hour(own);
	assert.match((await signIn(own, phone)).error("phone"), /今天获取验证码次数已用完/, "four today");
	// Whoever used up the sign-ins of this number has not touched its owner's registration.
	const v = await atCode({ phone }, own);
	for (let n = 2; n <= 3; n++) {
		minute(own);
		assert.equal((await v.post("/register/code", { action: "resend" })).path, "/register/code", `code ${n}`);
		assert.equal(v.page.status, 200);
	}
	minute(own);
	assert.match((await v.post("/register/code", { action: "resend" })).error("code"), /请在 \d\d:\d\d 后重新获取/, "three in this hour");
	await v.settled("/register/code");
	hour(own);
	for (let n = 4; n <= 6; n++) {
		await v.post("/register/code", { action: "resend" });
		assert.equal(v.page.status, 200, `code ${n}`);
		minute(own);
	}
	hour(own);
	assert.match((await v.post("/register/code", { action: "resend" })).error("code"), /今天获取验证码次数已用完/, "six today");
	assert.equal(await until("ten messages", () => own.sms(phone).length === 10 && 10), 10);
	v.close();
});

test("an application that used up a phone's codes leaves its sign-in alone", async () => {
	const phone = newPhone(), v = await atCode({ phone }, own);
	own.remember(phone);
	for (let n = 2; n <= 4; n++) {
		minute(own);
		await v.post("/register/code", { action: "resend" });
	}
	assert.match(v.page.error("code"), /后重新获取/);
	assert.equal((await signIn(own, phone)).path, "/records/code");
	v.close();
});

test("a car: ten codes a day, whatever the phones", async () => {
	const v = await atCode();
	for (let n = 2; n <= 10; n++) {
		await v.get("/register/phone");
		assert.equal((await v.post("/register/phone", { phone: newPhone() })).path, "/register/code", `code ${n}`);
	}
	await v.get("/register/phone");
	const page = await v.post("/register/phone", { phone: newPhone() });
	assert.match(page.error("phone"), /这辆车今天获取验证码次数已用完/);
	v.close();
});

test("sign-ins: a network and the whole site have an end, with one alarm each; registering goes on", async () => {
	own.sql("DELETE FROM attempt");
	for (let n = 0; n < 10; n++) assert.equal((await signIn(own, newPhone(), { localAddress: "127.0.0.5" })).path, "/records/code");
	for (let n = 0; n < 3; n++) assert.match((await signIn(own, newPhone(), { localAddress: "127.0.0.5" })).error("phone"), /后重新获取/, "the eleventh of this address");
	for (let n = 0; n < 5; n++) assert.equal((await signIn(own, newPhone(), { localAddress: `127.0.0.${6 + n}` })).path, "/records/code", "other addresses are free");
	for (let n = 0; n < 3; n++) assert.match((await signIn(own, newPhone(), { localAddress: `127.0.0.${20 + n}` })).error("phone"), /短信暂时发不出去/, "many networks together have an end too");
	const alarms = (event, limit) => [...own.log("web").matchAll(new RegExp(`alarm ${event} .*limit=${limit} maximum=\\d+`, "g"))].length;
	await until("the alarms", () => alarms("sms_network", "signin.address") === 1 && alarms("sms_budget", "signin.all") === 1);
	assert.ok(!/127\.0\.0\.5/.test(own.log("web").split("\n").filter((line) => line.includes("alarm")).join("\n")));
	const v = await atCode({ localAddress: "127.0.0.5" }, own);
	assert.equal((await v.post("/register/code", { code: await own.code(v.number) })).path, "/register/front", "registering, from that very network");
	v.close();
});

test("applications: a network and the budget of the day, with an alarm; the sign-in goes on", async () => {
	const small = await Instance.start("sms-small", { REALNAME_SMS_ADDRESS_HOUR: "2", REALNAME_SMS_BUDGET_DAY: "3" });
	try {
		const cars = await importCars(small, 5), ask = async (car, localAddress) => {
			const v = await journey(small, car, { stop: "phone", localAddress });
			const page = await v.post("/register/phone", { phone: newPhone() });
			v.close();
			return page;
		};
		for (let n = 0; n < 2; n++) assert.equal((await ask(cars[n], "127.0.0.5")).path, "/register/code");
		assert.match((await ask(cars[2], "127.0.0.5")).error("phone"), /后重新获取/);
		assert.equal((await ask(cars[3], "127.0.0.6")).path, "/register/code");
		assert.match((await ask(cars[4], "127.0.0.7")).error("phone"), /短信暂时发不出去/);
		await until("the alarms", () => /alarm sms_network .*limit=draft\.address/.test(small.log("web")) && /alarm sms_budget .*limit=draft\.all maximum=3/.test(small.log("web")));
		assert.equal((await signIn(small, newPhone(), { localAddress: "127.0.0.5" })).path, "/records/code");
		await until("four messages", () => small.messages.read().length === 4);
	} finally {
		await small.stop();
	}
});

test("whole cells of phones share an address: a code that is typed in does not count against it, one for one", async () => {
	own.sql("DELETE FROM attempt");
	const localAddress = "127.0.0.4", counted = (kind) => Number(own.value(`SELECT count(*) FROM attempt WHERE kind = '${kind}'`));
	const people = [];
	for (let n = 0; n < 12; n++) {
		const v = new Visitor(own, { localAddress });
		await v.records(newPhone());
		assert.equal(v.page.path, "/records", `person ${n + 1} of a network of 10`);
		people.push(v);
	}
	assert.deepEqual([counted("signin.address"), counted("signin.phone"), counted("signin.all")], [0, 12, 12]);
	own.sql("DELETE FROM attempt WHERE kind = 'signin.all'");
	for (let n = 0; n < 10; n++) assert.equal((await signIn(own, newPhone(), { localAddress })).path, "/records/code");
	assert.equal((await signIn(own, newPhone(), { localAddress })).status, 429, "codes that nobody types in");
	const v = await atCode({ localAddress }, own);
	assert.equal(counted("draft.address"), 1);
	const code = await own.code(v.number);
	assert.equal((await v.post("/register/code", { code: code === "111111" ? "222222" : "111111" })).status, 422);
	assert.equal(counted("draft.address"), 1, "a wrong one gives nothing back");
	await v.post("/register/code", { code });
	assert.deepEqual([v.page.path, counted("draft.address"), counted("signin.address")], ["/register/front", 0, 10]);
	await assert.rejects(async () => own.sql("SET ROLE realname_web; DELETE FROM attempt"), /permission denied/);
	for (const one of [...people, v]) one.close();
});

test("an SMS that cannot be sent is told on the page, with the way on", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" }), phone = newPhone();
	instance.script("sms", [{ match: { contains: phone }, then: { error: "FailedOperation.SignatureIncorrectOrUnapproved" } }]);
	try {
		await v.phone(phone);
		await v.settled("/register/code");
		assert.ok(v.page.has("没有发出") || v.page.has("发不出去") || v.page.has("没发出"), v.page.text);
	} finally {
		instance.script("sms");
	}
	minute();
	await v.post("/register/code", { action: "resend" });
	assert.equal((await v.post("/register/code", { code: await instance.code(phone) })).path, "/register/front");
	v.close();
});

test("each wrong form of phone and code", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" });
	for (const phone of ["", "1380013800", "23800138000", "1380013800x"]) {
		const page = await v.post("/register/phone", { phone });
		assert.equal(page.status, 422, phone);
		assert.match(page.error("phone"), phone ? /11 位/ : /请输入手机号/);
		assert.equal(page.value("phone"), phone, "kept");
	}
	const phone = newPhone();
	instance.remember(phone);
	await v.post("/register/phone", { phone: `+86 ${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}` });
	assert.equal(v.page.path, "/register/code", "as people write it");
	for (const code of ["", "12345", "1234567", "abcdef"]) {
		const page = await v.post("/register/code", { code });
		assert.equal(page.status, 422);
		assert.match(page.error("code"), code ? /6 位数字/ : /请输入短信验证码/);
	}
	const code = await instance.code(phone);
	assert.equal((await v.post("/register/code", { code: ` ${code.slice(0, 3)} ${code.slice(3)}` })).path, "/register/front");
	v.close();
});
