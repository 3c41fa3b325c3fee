// A second nginx with the instance's own configuration, in front of hello.c, which answers what the page answered.
import { chownSync, cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { join, resolve } from "node:path";

import { TOP, until } from "../web/instance.mjs";
import { beside } from "./measure.mjs";

const BUILD = resolve(TOP, process.env.BUILD ?? "build");

const freePort = () => new Promise((done) => {
	const server = createServer().listen(0, "127.0.0.1", () => {
		const { port } = server.address();
		server.close(() => done(port));
	});
});

const answers = (port) => new Promise((done) => {
	get({ host: "127.0.0.1", port, path: "/register/cards", agent: false }, (answer) => {
		answer.resume().on("end", () => done(answer.statusCode === 200));
	}).on("error", () => done(false));
});

// The page as the web program handed it to nginx: without the headers that nginx adds.
function fastcgiAnswer(page) {
	const own = ["server", "date", "connection", "keep-alive", "vary", "transfer-encoding"];
	const lines = Object.entries(page.headers).filter(([name]) => !own.includes(name)).map(([name, value]) => `${name}: ${value}\r\n`);
	return Buffer.concat([Buffer.from(`Status: 200 OK\r\n${lines.join("")}\r\n`), page.body]);
}

function everyFile(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? everyFile(join(folder, one.name)) : [join(folder, one.name)]));
}

// Starts both; gives {port, roots: their processes}.
export async function startHello(instance, page, workers) {
	const from = join(instance.runDir, "nginx"), to = join(instance.runDir, "hello"), { uid, gid } = statSync(`${instance.runDir}/`);
	const socket = join(instance.endpoints.database_socket, "hello.sock"), port = await freePort(), tlsPort = await freePort();
	const real = readFileSync(join(from, "nginx.conf"), "utf8").match(/^pid (.*)\/nginx\.pid;$/m)[1]; // below a link perhaps
	mkdirSync(join(to, "temp"), { recursive: true });
	cpSync(join(from, "nginx.conf"), join(to, "nginx.conf"));
	cpSync(join(from, "common"), join(to, "common"), { recursive: true });
	writeFileSync(join(to, "answer"), fastcgiAnswer(page));
	const swaps = [[real, real.replace(/nginx$/, "hello")], [instance.endpoints.web_socket, socket], [new URL(instance.endpoints.http).host, `127.0.0.1:${port}`], [new URL(instance.endpoints.https).host, `127.0.0.1:${tlsPort}`]];
	for (const file of everyFile(to).filter((name) => name.endsWith(".conf"))) {
		writeFileSync(file, swaps.reduce((text, [old, now]) => text.replaceAll(old, now), readFileSync(file, "utf8")));
	}
	for (const path of [to, join(to, "temp"), join(to, "common"), ...everyFile(to)]) chownSync(path, uid, gid);
	cpSync(join(BUILD, "bench/hello"), join(to, "program"));
	const program = beside(instance, join(to, "program"), [socket, String(workers), join(to, "answer")]);
	const nginx = beside(instance, process.env.NGINX ?? "/usr/sbin/nginx", ["-e", "stderr", "-p", `${to}/`, "-c", join(to, "nginx.conf")]);
	await until("hello answers", () => answers(port));
	return { port, roots: [program.pid, nginx.pid] };
}
