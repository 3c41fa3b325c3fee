// Requests that no browser sends, or not this way: always a styled page with 4xx, never 500.
import assert from "node:assert/strict";
import test from "node:test";
import tls from "node:tls";

import { importCars } from "./cars.mjs";
import { Instance, journey, multipart, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared(), before = instance.log("access").length, web = instance.log("web").length;
const TYPE = { "Content-Type": "application/x-www-form-urlencoded" };

function assertStyled(page, status, what = page.path) {
	assert.equal(page.status, status, `${what}: ${page.html.slice(0, 200)}`);
	assert.match(page.headers["content-type"], /^text\/html; ?charset=utf-8/i, what);
	assert.match(page.html, /<link rel="stylesheet" href="\/static\//, `${what} is styled`);
	assert.ok(page.heading.length > 2, `${what} has a heading`);
	assert.match(page.html, /lang="zh-CN"/);
	assert.doesNotMatch(page.text, /nginx|FastCGI|PostgreSQL|ST_|assert/i, what);
}

test("an unknown path is 404, with a way back", async () => {
	const v = new Visitor(instance);
	for (const path of ["/nothing", "/register", "/register/", "/register/nothing", "/register/vehicle/x", "/agreement/nothing", "/register/refused/nothing", "/register/picture/x", "/static/nothing.css", "/static/", "/_error/413.html", "/static/errors/413.html", "/.git/config", "/records/nothing",
		"/register/picture/..%2f..%2fetc%2fpasswd", "/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc%2fpasswd", "//", "/%ff%fe", `/${"a".repeat(900)}`]) {
		const page = await v.request("GET", path);
		if (path === "/%ff%fe") assertStyled(page, 400, path); // not UTF-8
		else if (/%2[ef]/.test(path)) assert.ok([400, 404].includes(page.status) && !page.html.includes("root:"), `${path}: ${page.status}`);
		else assertStyled(page, 404, path);
	}
	const json = await v.json("/nothing");
	assert.deepEqual([json.status, json.json.error], [404, "not_found"]);
	assert.match(json.json.text, /[\u4e00-\u9fff]/);
	v.close();
});

test("a wrong method is 405 and tells the right ones", async () => {
	const v = new Visitor(instance);
	for (const [method, path, allow] of [["PUT", "/register/vehicle", "GET, HEAD, POST"], ["DELETE", "/records", "GET, HEAD"], ["POST", "/", "GET, HEAD"], ["GET", "/records/continue", "POST"], ["GET", "/records/leave", "POST"], ["PATCH", "/agreement/network", "GET, HEAD"]]) {
		const page = await v.request(method, path, { body: method === "GET" ? null : "" });
		assertStyled(page, 405, `${method} ${path}`);
		assert.equal(page.headers.allow, allow, path);
	}
	const head = await v.request("HEAD", "/register/notice");
	assert.deepEqual([head.status, head.body.length], [200, 0]);
	assert.ok((await v.request("TRACE", "/")).status >= 400);
	v.close();
});

test("too much is 413, at the site and at its door", async () => {
	const v = new Visitor(instance);
	await v.get("/register/notice");
	assertStyled(await v.request("POST", "/register/notice", { headers: TYPE, body: `csrf=${v.token}&x=${"a".repeat(40000)}` }), 413, "a form");
	assertStyled(await v.request("POST", "/register/notice", { headers: TYPE, body: "a".repeat(70000) }), 413, "a form beyond the door");
	const headers = { ...TYPE, Accept: "application/json" };
	const json = await v.request("POST", "/register/notice", { headers, body: "a".repeat(70000) });
	assert.equal(json.status, 413);
	assert.match(json.headers["content-type"], /^application\/json/);
	const own = await v.request("POST", "/register/notice", { headers, body: `csrf=${v.token}&x=${"a".repeat(40000)}` });
	for (const [who, answer] of [["the door", json], ["the application", own]]) {
		assert.deepEqual([Object.keys(answer.json).filter((name) => name !== "case").sort(), answer.json.error], [["error", "text"], "too_large"], who);
		assert.match(answer.json.text, /[\u4e00-\u9fff]/, who);
	}
	// A body that is announced too large for uploads is answered before it is sent.
	const answer = await raw([`POST /register/upload/front?csrf=${v.token} HTTP/1.1`, "Host: x", "Content-Type: multipart/form-data; boundary=b", `Content-Length: ${60 << 20}`, "", "--b"].join("\r\n"));
	assert.match(answer, /^HTTP\/1\.1 413 /);
	assert.match(answer, /文件太大了/);
	v.close();
});

test("too many requests are 429", async () => {
	const own = await Instance.start("rates", { REQUEST_RATE: "1r/s", UPLOAD_RATE: "1r/s" });
	try {
		const v = new Visitor(own), pages = await Promise.all(Array.from({ length: 60 }, () => v.request("GET", "/")));
		const refused = pages.filter((page) => page.status === 429);
		assert.ok(refused.length > 0 && refused.length < 60, String(refused.length));
		assertStyled(refused[0], 429);
		assert.ok(refused[0].headers["retry-after"]);
		assert.equal(pages.filter((page) => ![200, 429].includes(page.status)).length, 0);
		const json = await Promise.all(Array.from({ length: 60 }, () => v.json("/")));
		const late = json.find((page) => page.status === 429).json;
		assert.equal(late.error, "limit");
		assert.match(late.text, /[\u4e00-\u9fff]/);
		v.close();
	} finally {
		await own.stop();
	}
});

test("forms that are not forms", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "vehicle" }), csrf = v.token;
	const post = (body, headers = TYPE) => v.request("POST", "/register/vehicle", { headers, body });
	const fields = (n) => Array.from({ length: n }, (_, i) => `f${i}=1`).join("&");
	for (const [name, body, headers] of [
		["percent garbage", `csrf=${csrf}&vin=%zz%4&proof=%`], ["invalid UTF-8", `csrf=${csrf}&vin=%ff%fe%80&proof=123456`], ["a NUL", `csrf=${csrf}&vin=LS%00V&proof=123456`], ["overlong UTF-8", `csrf=${csrf}&vin=%c0%af&proof=1`],
		["200 fields", `csrf=${csrf}&${fields(200)}`], ["a name of 5000", `csrf=${csrf}&${"n".repeat(5000)}=1`], ["empty", ""], ["separators", "&&&==&=&;"],
		["JSON", "{}", { "Content-Type": "application/json" }], ["no type", `csrf=${csrf}`, {}], ["multipart to a page", "--b--", { "Content-Type": "multipart/form-data; boundary=b" }],
		["surrogates", `csrf=${csrf}&vin=%ed%a0%80&proof=1`], ["control characters", `csrf=${csrf}&vin=%0d%0aSet-Cookie:x&proof=%1b%5b`],
	]) {
		const page = await post(body, headers ?? TYPE);
		assert.ok((page.status >= 400 && page.status < 500) || page.status === 303, `${name}: ${page.status}`);
		if (page.status === 303) assert.equal(page.headers.location, "/register/vehicle?again=1", name);
		else assertStyled(page, page.status, name);
	}
	assert.equal((await v.get("/register/vehicle")).status, 200);
	// The same field twice: never an error of ours, and a second token does not help a wrong first one.
	const twice = await post(`csrf=${csrf}&csrf=x&vin=${car.vin}&vin=LSVAG2180E2100111&proof=${car.proof}&proof=999999`);
	assert.ok(twice.status < 500);
	const wrongFirst = await post(`csrf=x&csrf=${csrf}&vin=${car.vin}&proof=${car.proof}`);
	assert.ok(wrongFirst.status < 500);
	v.close();
});

test("what is typed is text: it comes back as text", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "vehicle" });
	for (const text of [`"><script>alert(1)</script>`, `'"><img src=x onerror=alert(1)>`, "<?cs var:Page.csrf ?>", "${7*7}{{7*7}}", "' OR '1'='1", "\u202e\u0000x".replace("\u0000", "")]) {
		const page = await v.post("/register/vehicle", { vin: text, proof: text });
		assert.equal(page.status, 422);
		assert.ok(!/<script>alert|<img src=x|<\?cs/.test(page.html));
		assert.ok(!page.html.includes(">49<"));
	}
	v.close();
});

test("uploads that are not uploads", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" }), path = v.page.uploadPath;
	const good = multipart(jpeg("x"), { boundary: "bb" }), part = (head, body = "x") => Buffer.from(`--b\r\n${head}\r\n\r\n${body}\r\n--b--\r\n`);
	const type = "multipart/form-data; boundary=b";
	for (const [name, contentType, body] of [
		["no boundary", "multipart/form-data", good.body], ["another boundary", "multipart/form-data; boundary=zz", good.body], ["cut off", good.type, good.body.subarray(0, good.body.length - 30)], ["no part", type, Buffer.from("--b--\r\n")],
		["no name", type, part("Content-Disposition: form-data")], ["a field only", type, part('Content-Disposition: form-data; name="file"')], ["nested", type, part('Content-Disposition: form-data; name="file"; filename="x"\r\nContent-Type: multipart/mixed; boundary=c', "--c--")],
		["a head without end", type, Buffer.concat([Buffer.from("--b\r\n"), Buffer.alloc(60000, 65)])], ["a boundary of 300", `multipart/form-data; boundary=${"b".repeat(300)}`, good.body], ["1000 parts", type, Buffer.from(`${'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'.repeat(1000)}--b--\r\n`)],
		["urlencoded", "application/x-www-form-urlencoded", Buffer.from("file=x")], ["a name with a path", type, part('Content-Disposition: form-data; name="file"; filename="../../../etc/passwd\\"')],
	]) {
		for (const headers of [{}, { Accept: "application/json" }]) {
			const page = await v.request("POST", path, { headers: { "Content-Type": contentType, ...headers }, body });
			assert.ok(page.status >= 400 && page.status < 500, `${name}: ${page.status} ${page.html.slice(0, 100)}`);
			if (headers.Accept) assert.ok(page.json.error || page.json.errors, name);
			else if (page.status !== 422) assertStyled(page, page.status, name);
		}
	}
	// The same form afterwards works.
	await v.get("/register/front");
	await v.picture("front", jpeg(String(Math.random())));
	assert.equal(v.page.path, "/register/back");
	v.close();
});

test("a request of bytes that are no HTTP, or that break off, disturbs nobody", async () => {
	for (const text of ["\u0016\u0003\u0001", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "POST /register/notice HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "POST /register/notice HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
		`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${"a".repeat(40000)}\r\n\r\n`, "POST /register/notice HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\ncsrf=x"]) {
		const answer = await raw(text, true);
		assert.ok(!/^HTTP\/1\.1 50[0-4]/.test(answer), answer.slice(0, 200));
	}
	for (const text of [`GET / HTTP/1.1\r\nHost: x\r\nCookie: ${"a".repeat(40000)}\r\n\r\n`, `GET /${"a".repeat(40000)} HTTP/1.1\r\nHost: x\r\n\r\n`, "GET / HTTP/1.1\r\n\r\n"]) {
		const answer = await raw(text);
		assert.match(answer, /^HTTP\/1\.1 400 /);
		assert.match(answer, /<h1>这个请求不完整<\/h1>/, "styled, although no program saw it");
	}
	const v = new Visitor(instance);
	assert.equal((await v.get("/")).status, 200);
	v.close();
});

test("no answer of all this was an error of ours", () => {
	// 505 is right for a version of HTTP that there is none of.
	const lines = instance.log("access").slice(before).split("\n").filter((line) => /^\S+ \S+ 50[0-4] /.test(line));
	assert.deepEqual(lines, []);
	assert.doesNotMatch(instance.log("web").slice(web), /died signal/);
});

// Sends text as it is and gives what comes back; gone: closes our side at once.
function raw(text, gone = false) {
	const { hostname, port } = new URL(instance.endpoints.https);
	return new Promise((resolve, reject) => {
		let out = "";
		const socket = tls.connect({ host: hostname, port, ca: instance.ca, allowHalfOpen: true }, () => {
			socket.write(text);
			if (gone) socket.end();
		});
		const end = () => {
			socket.destroy();
			resolve(out);
		};
		socket.on("data", (part) => {
			out += part;
			if (!gone && out.includes("</html>")) end();
		});
		socket.on("end", end);
		socket.on("close", end);
		socket.on("error", (error) => (["ECONNRESET", "EPIPE"].includes(error.code) ? end() : reject(error)));
	});
}
