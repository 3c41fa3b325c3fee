// Sessions: the cookie, its changes when rights grow, and the token of every form.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { form, Instance, journey, newPhone, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const COOKIE = "__Host-sid";
const sid = (v) => v.cookies.get(COOKIE);

test("the cookie: __Host-, Secure, HttpOnly, SameSite, for the whole site, a day", async () => {
	const v = new Visitor(instance), page = await v.request("GET", "/");
	const [line, ...more] = page.headers["set-cookie"];
	assert.equal(more.length, 0);
	assert.match(line, new RegExp(`^${COOKIE}=[A-Za-z0-9_-]{43}; `));
	const flags = line.split("; ").slice(1).map((flag) => flag.toLowerCase());
	for (const flag of ["path=/", "secure", "httponly", "samesite=lax", "max-age=86400"]) assert.ok(flags.includes(flag), flag);
	assert.ok(!flags.some((flag) => flag.startsWith("domain")));
	v.close();
});

test("the session id changes when the draft begins and when the phone is proved; the old one is dead", async () => {
	const [car] = await importCars(instance), v = new Visitor(instance);
	await v.get("/register/notice");
	const first = sid(v), old = new Visitor(instance);
	await v.post("/register/notice");
	const second = sid(v);
	assert.notEqual(first, second);
	await v.vehicle(car);
	await v.cards();
	await v.phone(newPhone());
	assert.equal(sid(v), second, "no change without a reason");
	await v.code();
	const third = sid(v);
	assert.notEqual(third, second);
	for (const dead of [first, second]) {
		old.cookies.set(COOKIE, dead);
		assert.equal((await old.get("/register/vehicle")).path, "/register/notice");
		old.cookies.set(COOKIE, dead);
		assert.equal((await old.get("/records")).path, "/records/phone");
	}
	assert.equal((await v.get("/records")).path, "/records", "a proved phone is signed in to its records");
	v.close();
	old.close();
});

test("signing in to the records changes the id, leaving ends it", async () => {
	const v = new Visitor(instance), phone = newPhone();
	await v.get("/records/phone");
	await v.post("/records/phone", { phone });
	const before = sid(v);
	await v.post("/records/code", { code: await instance.code(phone) });
	assert.equal(v.page.path, "/records");
	assert.notEqual(sid(v), before);
	const stolen = new Visitor(instance);
	stolen.cookies.set(COOKIE, before);
	assert.equal((await stolen.get("/records")).path, "/records/phone");
	await v.post("/records/leave");
	assert.equal((await v.get("/records")).path, "/records/phone");
	v.close();
	stolen.close();
});

test("a sign-in ends after half an hour", async () => {
	const v = new Visitor(instance), phone = newPhone();
	await v.records(phone);
	assert.equal(v.page.path, "/records");
	instance.sql("UPDATE session SET signed_in_until = signed_in_until - interval '31 minutes' WHERE signed_in_until IS NOT NULL");
	assert.equal((await v.get("/records")).path, "/records/phone");
	v.close();
});

test("a request that fails after the id was to change leaves the old one: nobody is signed out by our fault", async () => {
	const v = new Visitor(instance), phone = newPhone();
	await v.records(phone);
	await v.get("/register/notice");
	instance.sql("CREATE FUNCTION breaks() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken for a test'; END $$");
	instance.sql("CREATE TRIGGER breaks BEFORE INSERT ON consent FOR EACH ROW EXECUTE FUNCTION breaks()"); // the last thing of a new draft
	try {
		await v.post("/register/notice");
	} finally {
		instance.sql("DROP TRIGGER breaks ON consent");
		instance.sql("DROP FUNCTION breaks()");
	}
	assert.equal(v.page.status, 500);
	assert.equal((await v.get("/records")).path, "/records", "still signed in");
	v.close();
});

test("the database holds no session id, only a keyed hash", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" }), id = sid(v), dump = instance.dump();
	for (const text of [id, Buffer.from(id).toString("hex"), createHash("sha256").update(id).digest("hex"), createHash("sha256").update(Buffer.from(id, "base64url")).digest("hex"), Buffer.from(id, "base64url").toString("hex")])
		assert.ok(!dump.includes(text));
	v.close();
});

test("a form without its token, with another's or with a broken one changes nothing and says what to do", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "vehicle" }), stranger = new Visitor(instance);
	const other = (await stranger.get("/register/notice")).csrf;
	for (const csrf of ["", other, v.page.csrf.slice(0, -1), `${v.page.csrf}x`, "\u0000"]) {
		const answer = await v.send("/register/vehicle", { csrf, vin: car.vin, proof: car.proof });
		assert.ok([303, 400].includes(answer.status), JSON.stringify(csrf));
		if (answer.status === 303) assert.equal(answer.headers.location, "/register/vehicle?again=1");
		assert.equal((await v.request("GET", "/register/cards")).status, 303, "not taken");
	}
	assert.ok((await v.get("/register/vehicle?again=1")).has("请再提交一次"));
	const json = await v.send("/register/vehicle", { csrf: "" }, { Accept: "application/json" });
	assert.equal(json.status, 403);
	const upload = await v.upload(`/register/upload/front?csrf=${other}`, jpeg("x"), { json: true });
	assert.equal(upload.status, 403);
	// Without any cookie: no token can be right. The answer gives one; whoever refuses it is told so.
	const bare = new Visitor(instance), refusing = new Visitor(instance);
	const post = (headers) => bare.request("POST", "/register/notice", { headers: { "Content-Type": "application/x-www-form-urlencoded", ...headers }, body: form({ csrf: v.page.csrf }) });
	// Not to a page of another site: it sends forms without the cookie that the browser has, which would be lost.
	for (const headers of [{ "Sec-Fetch-Site": "cross-site" }, { Origin: "https://elsewhere.example" }, { "Sec-Fetch-Site": "none", Origin: new URL(bare.base).origin }, {}]) {
		const answer = await post(headers);
		assert.deepEqual([answer.headers.location, answer.headers["set-cookie"]], ["/register/notice?again=1", undefined], JSON.stringify(headers));
	}
	assert.ok((await post({ Origin: new URL(bare.base).origin })).headers["set-cookie"]);
	bare.cookies.clear();
	const answer = await post({ "Sec-Fetch-Site": "same-origin" });
	assert.equal(answer.headers.location, "/register/notice?again=2");
	const shown = await bare.get(answer.headers.location), refused = await refusing.get(answer.headers.location);
	assert.deepEqual([shown.has("页面已更新"), shown.has("没有保存 Cookie")], [true, false]);
	assert.deepEqual([refused.has("页面已更新"), refused.has("没有保存 Cookie")], [false, true]);
	for (const one of [v, stranger, bare, refusing]) one.close();
});

test("made-up cookies are nobody", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" });
	for (const value of ["", "x", "A".repeat(43), `${sid(v)}A`, sid(v).slice(1), "'; DROP TABLE session", "a".repeat(4000)]) {
		const w = new Visitor(instance);
		w.cookies.set(COOKIE, value);
		const answer = await w.request("GET", "/register/phone");
		assert.ok(answer.status === 303 || (answer.status >= 400 && answer.status < 500), `${answer.status}`);
		w.close();
	}
	// Two cookies of this name: whichever counts, it is one of them or none, and no error.
	const answer = await v.request("GET", "/register/phone", { headers: { Cookie: `${COOKIE}=${"B".repeat(43)}; ${COOKIE}=${sid(v)}` } });
	assert.ok(answer.status < 500);
	v.close();
});

test("over plain http nothing is set that a browser would send unprotected", async () => {
	const v = new Visitor(instance, { plain: true }), page = await v.request("GET", "/");
	assert.equal(page.status, 200);
	for (const line of page.headers["set-cookie"] ?? []) assert.match(line, /; Secure/);
	assert.equal(page.headers["strict-transport-security"], undefined);
	v.close();
});
