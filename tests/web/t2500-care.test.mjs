// 大字版: a link on every page sets the cookie and comes back to the same page, never to anywhere else.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();
const link = (page) => page.attributes("a", "href").find((path) => /^\/care\/(on|off)/.test(path));
const large = (page) => /<body[^>]*\sdata-mode="care"/.test(page.html);

test("the link switches and comes back, on pages of every kind", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "phone" });
	for (const path of ["/", "/register/phone", "/register/vehicle", "/records/phone", "/agreement/privacy", "/register/refused/open", "/help", "/complaint", "/complaint/follow"]) {
		const before = await v.get(path);
		assert.equal(large(before), false, path);
		const on = await v.request("GET", link(before));
		assert.equal(on.status, 303);
		assert.equal(on.headers.location, before.path, path);
		assert.match(on.headers["set-cookie"].find((line) => line.startsWith("care=")), /^care=1; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=\d{7,}$/);
		const after = await v.get(on.headers.location);
		assert.equal(after.path, before.path);
		assert.ok(large(after) && after.has("标准版") && !after.has("大字版"), path);
		const off = await v.request("GET", link(after));
		assert.equal(off.headers.location, before.path);
		assert.match(off.headers["set-cookie"].find((line) => line.startsWith("care=")), /Max-Age=0$/);
		v.cookies.delete("care");
	}
	v.close();
});

test("pages that tell of errors, the application's and nginx's", async () => {
	const v = new Visitor(instance);
	for (const [method, path, status, back] of [["GET", "/nothing/深?a=b", 404, "/nothing/%E6%B7%B1"], ["POST", "/nothing", 404, "/"], ["GET", "/records/leave", 405, "/records/leave"], ["PUT", "/records/leave", 405, "/"], ["GET", "/register/refused/nothing", 404, "/register/refused/nothing"]]) {
		v.cookies.set("care", "1");
		const page = await v.request(method, encodeURI(path));
		assert.equal(page.status, status, path);
		assert.ok(large(page), path);
		const off = await v.request("GET", link(page));
		assert.equal(off.headers.location, back, path);
		v.cookies.delete("care");
		assert.equal(large(await v.request(method, encodeURI(path))), false, path);
	}
	for (const care of ["1", ""]) {
		v.cookies.set("care", care);
		await v.get("/records/phone");
		const page = await v.send("/records/phone", { phone: "1".repeat(2000000) }); // nginx answers this one
		assert.equal(page.status, 413);
		assert.equal(large(page), care === "1");
		assert.equal(link(page), care === "1" ? "/care/off" : "/care/on");
		for (const path of ["/complaint", "/help"]) assert.ok(page.attributes("a", "href").includes(path), path);
	}
	v.close();
});

test("a page that answers a form comes back to the form, an upload to its step", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	await v.get("/register/front");
	const upload = await v.upload(v.page.uploadPath, Buffer.from("not a picture"));
	assert.equal(upload.status, 422);
	assert.equal((await v.request("GET", link(upload))).headers.location, "/register/front");
	await v.get("/records/phone");
	const wrong = await v.send("/records/phone", { phone: "1" });
	assert.equal(wrong.status, 422);
	assert.equal((await v.request("GET", link(wrong))).headers.location, "/records/phone");
	const picture = await v.upload("/register/upload/front?csrf=x", jpeg("x"));
	assert.ok(!link(picture)?.includes("csrf"));
	v.close();
});

test("nowhere but here: other sites, odd slashes, control characters and itself lead to the front page", async () => {
	const v = new Visitor(instance);
	for (const to of ["//evil.example", "https://evil.example", "/\\evil.example", "\\evil", "/%09/evil.example\t", "/a\r\nSet-Cookie: x=y", "javascript:alert(1)", "", "evil", "/ evil", "/é", `/${"x".repeat(3000)}`, "/care/on?to=/care/off", "/care/off"]) {
		const page = await v.request("GET", `/care/on?to=${encodeURIComponent(to)}`);
		assert.equal(page.status, 303, to);
		assert.equal(page.headers.location, to.includes("%09") ? "/" : "/", JSON.stringify(to));
		assert.equal(page.headers["set-cookie"].length, 1);
	}
	assert.equal((await v.request("GET", "/care/on")).headers.location, "/");
	assert.equal((await v.request("GET", "/care/on?to=/help&to=//evil.example")).headers.location, "/help");
	assert.equal((await v.request("GET", "/care/maybe?to=/help")).status, 404);
	assert.equal((await v.request("POST", "/care/on?to=/help")).status, 405);
	const json = await v.request("GET", "/care/off?to=/help", { headers: { Accept: "application/json" } });
	assert.equal(json.status, 200);
	assert.equal(json.json.location, "/help");
	v.close();
});

test("only the value 1 is large, and it is no key to anything", async () => {
	const v = new Visitor(instance);
	for (const value of ["0", "11", "care", "<b>", "a".repeat(3000)]) {
		v.cookies.set("care", value);
		const page = await v.request("GET", "/");
		assert.equal(page.status, 200);
		assert.equal(large(page), false);
	}
	v.close();
});
