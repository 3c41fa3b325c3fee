// A second nginx with the instance's own configuration, in front of hello.c, which answers what the page answered.
import { cpSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join, resolve } from "node:path";

import { TOP, until } from "../web/instance.mjs";
import { beside } from "./measure.mjs";
import { secondNginx } from "./nginx.mjs";

const BUILD = resolve(TOP, process.env.BUILD ?? "build");

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

// Starts both; gives {port, roots: their processes}.
export async function startHello(instance, page, workers) {
	const socket = join(instance.endpoints.database_socket, "hello.sock");
	const nginx = await secondNginx(instance, "hello", (text) => text.replaceAll(instance.endpoints.web_socket, socket)), port = nginx.ports.http;
	const answer = join(nginx.folder, "answer"), program = join(nginx.folder, "program");
	writeFileSync(answer, fastcgiAnswer(page));
	cpSync(join(BUILD, "bench/hello"), program);
	const server = nginx.start();
	const hello = beside(instance, program, [socket, String(workers), answer]);
	await until("hello answers", () => answers(port));
	return { port, roots: [hello.pid, server.pid] };
}
