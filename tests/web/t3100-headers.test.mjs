// What every answer carries, what static files carry, and the two addresses for monitoring.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "./cars.mjs";
import { Instance, journey, Visitor } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();

function assertProtected(page, what = page.path) {
	const csp = page.headers["content-security-policy"] ?? "";
	const rules = Object.fromEntries(csp.split(";").map((rule) => rule.trim().split(" ")).map(([name, ...sources]) => [name, sources.join(" ")]));
	assert.equal(rules["default-src"], "'none'", what);
	assert.equal(rules["script-src"], "'self'", what);
	assert.equal(rules["style-src"], "'self'", what);
	assert.equal(rules["form-action"], "'self'", what);
	assert.equal(rules["base-uri"], "'none'", what);
	assert.equal(rules["frame-ancestors"], "'none'", what);
	assert.doesNotMatch(csp, /unsafe|\*/);
	assert.equal(page.headers["x-content-type-options"], "nosniff", what);
	assert.ok(["same-origin", "no-referrer"].includes(page.headers["referrer-policy"]), what);
	assert.ok(!page.headers["x-powered-by"] && !/\d/.test(page.headers.server ?? ""), "no version");
}

test("every kind of page: strict policy, nothing kept by caches, HSTS over TLS", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	await v.picture("front", jpeg(String(Math.random())), { next: false });
	for (const path of ["/", "/register/notice", "/register/front", "/register/check", "/register/picture/front", "/records", "/records/phone", "/agreement/privacy", "/register/refused/open", "/nothing", "/healthz", "/readyz"]) {
		const page = await v.request("GET", path);
		assertProtected(page, path);
		assert.equal(page.headers["cache-control"], "no-store", path);
		if (path !== "/healthz") assert.match(page.headers["strict-transport-security"] ?? "", /max-age=\d{7,}/, path);
		assert.doesNotMatch(page.html, /<script(?![^>]*\ssrc=)|\son[a-z]+="|\sstyle="|javascript:/, `${path} has nothing inline`);
	}
	const refused = await v.send("/register/notice", { csrf: "x", pad: "x".repeat(70000) });
	assert.equal(refused.status, 413);
	assertProtected(refused, "nginx's own page");
	assert.equal(refused.headers["cache-control"], "no-store");
	v.close();
});

test("static files: their names are hashes, they are kept for ever, small, and never sniffed", async () => {
	const v = new Visitor(instance), home = await v.get("/");
	const paths = [...home.attributes("link", "href"), ...home.attributes("script", "src"), ...home.attributes("img", "src")].filter((path) => path.startsWith("/static/"));
	assert.ok(paths.length >= 2);
	for (const path of paths) {
		assert.match(path, /[.-][0-9a-f]{8,}\.[a-z0-9]+$/, path);
		const file = await v.request("GET", path);
		assert.equal(file.status, 200);
		assert.equal(file.headers["cache-control"], "public, max-age=31536000, immutable");
		assert.equal(file.headers["x-content-type-options"], "nosniff");
		assert.ok(!file.headers["set-cookie"]);
		assert.match(file.headers["content-type"], path.endsWith("css") ? /^text\/css/ : path.endsWith("js") ? /javascript/ : /^image\//);
	}
	const small = await v.request("GET", paths[0], { headers: { "Accept-Encoding": "gzip" } });
	assert.equal(small.headers["content-encoding"], "gzip");
	assert.ok(small.headers.vary.includes("Accept-Encoding"));
	v.close();
});

test("a first visit is at most 5 requests and 30 KB", async () => {
	const v = new Visitor(instance), gzip = { headers: { "Accept-Encoding": "gzip" } };
	const home = await v.request("GET", "/", gzip), plain = await v.request("GET", "/");
	const paths = [...new Set([...plain.attributes("link", "href"), ...plain.attributes("script", "src"), ...plain.attributes("img", "src")].filter((path) => path.startsWith("/")))];
	let bytes = home.body.length + JSON.stringify(home.headers).length;
	for (const path of paths) {
		const file = await v.request("GET", path, gzip);
		bytes += file.body.length + JSON.stringify(file.headers).length;
	}
	assert.ok(1 + paths.length <= 5, paths.join(" "));
	assert.ok(bytes <= 30720, String(bytes));
	v.close();
});

test("/healthz says ok, /readyz names each part", async () => {
	const v = new Visitor(instance);
	assert.deepEqual([(await v.request("GET", "/healthz")).status, (await v.request("GET", "/healthz")).html], [200, "ok\n"]);
	const ready = await v.request("GET", "/readyz");
	assert.equal(ready.status, 200);
	for (const part of ["database", "evidence_store", "templates", "jobs", "queue", "agreements"]) assert.equal(ready.json[part], true, part);
	assert.equal(ready.json.ready, true);
	// What waits at the pages is looked at; a carrier may be away for hours.
	const look = async (lane) => {
		instance.sql(`INSERT INTO job (kind, lane, subject, run_at) VALUES ('t1_send', '${lane}', gen_random_uuid(), now() - interval '1 hour')`);
		const { status, json } = await v.request("GET", "/readyz");
		instance.sql(`DELETE FROM job WHERE lane = '${lane}'`);
		return [status, json.queue];
	};
	assert.deepEqual(await look("t1:nobody"), [200, true]);
	assert.deepEqual(await look("nobody"), [503, false]);
	v.close();
});

test("answers do not mix with what a proxy was told: Host and forwarded headers change nothing", async () => {
	const v = new Visitor(instance);
	for (const headers of [{ Host: "evil.example" }, { "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "9.9.9.9", "X-Forwarded-Proto": "http" }, { "X-Original-URL": "/records", "X-Rewrite-URL": "/records" }, { Proxy: "http://evil.example" }]) {
		const page = await v.request("GET", "/", { headers });
		assert.ok(page.status === 200 || page.status === 400 || page.status === 421);
		assert.ok(!page.html.includes("evil.example"));
		assert.ok(!(page.headers.location ?? "").includes("evil"));
	}
	v.close();
});
