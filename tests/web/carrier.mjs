// A carrier as it calls us: PlatformID with the SM3 of PlatformID and password, each call over a connection of its own.
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, chownSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";

export const requestId = () => randomBytes(12).toString("hex");
export const sign = (platformId, password) => createHash("sm3").update(platformId + password).digest("hex").toUpperCase();

// Secrets of an instance: replaced whole, as an operator should; null takes one away.
export function writeSecret(instance, name, value) {
	const path = join(instance.runDir, "secrets", name), { uid, gid } = statSync(`${instance.runDir}/`);
	if (value === null) return rmSync(path, { force: true });
	writeFileSync(`${path}.new`, `${value}\n`, { mode: 0o600 });
	chmodSync(`${path}.new`, 0o600);
	if (process.getuid() === 0) chownSync(`${path}.new`, uid, gid);
	renameSync(`${path}.new`, path);
}
export const readSecret = (instance, name) => readFileSync(join(instance.runDir, "secrets", name), "utf8").trim();

export class Carrier {
	// tls: options of the connection, as localAddress, key and cert.
	constructor(instance, { platformId = "DEMO0001", password = readSecret(instance, "carrier-password"), code = "TSTA", ...tls } = {}) {
		Object.assign(this, { instance, platformId, password, code, tls });
	}
	get auth() {
		return { PlatformID: this.platformId, SignNature: sign(this.platformId, this.password) };
	}
	instruction(iccid, more = {}) {
		return { Auth: this.auth, RequestID: requestId(), Code: this.code, ICCID: iccid, ...more };
	}
	result(id, outcome, cause) {
		return { Auth: this.auth, RequestID: id, OprRst: outcome, ...(cause ? { FailureCause: cause } : {}) };
	}

	// Sends anything; {status, headers, text, json}. body: text, bytes, or an object that becomes JSON; null for none. gone: goes away so many
	// milliseconds after it was sent.
	send(body, { method = "POST", path = "/t1/instruction", headers = {}, plain = false, gone } = {}) {
		const url = new URL(path, this.instance.endpoints.instructions), bytes = body === null || typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
		const all = { ...(bytes === null ? {} : { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(bytes) }), ...headers };
		for (const name of Object.keys(all)) if (all[name] === null) delete all[name];
		return new Promise((resolve, reject) => {
			const request = (plain ? http : https).request(
				{ host: url.hostname, port: url.port, path: url.pathname + url.search, method, headers: all, agent: false, ca: this.instance.ca, servername: "localhost", ...this.tls },
				(answer) => {
					const parts = [];
					answer.on("data", (part) => parts.push(part));
					answer.on("error", reject);
					answer.on("end", () => {
						const text = Buffer.concat(parts).toString();
						resolve({ status: answer.statusCode, headers: answer.headers, text, get json() { return JSON.parse(text); } });
					});
				},
			);
			request.on("error", reject);
			request.setTimeout(30000, () => request.destroy(new Error("no answer within 30 s")));
			if (gone !== undefined) request.on("finish", () => setTimeout(() => request.destroy(new Error("gone")), gone));
			request.end(bytes ?? undefined);
		});
	}
	// The answer to an instruction (or result), which has to be of table 3.
	async call(message, options) {
		const answer = await this.send(message, options);
		const { RequestID, OprRst, FailureCause, ...rest } = answer.json;
		if (typeof RequestID !== "string" || !/^[12]$/.test(OprRst) || (OprRst === "2") !== (typeof FailureCause === "string" && FailureCause !== "") || Object.keys(rest).length > 0)
			throw new Error(`not of table 3: ${answer.text}`);
		if (!/^application\/json/.test(answer.headers["content-type"])) throw new Error(`not JSON: ${answer.headers["content-type"]}`);
		return { status: answer.status, id: RequestID, outcome: OprRst, cause: FailureCause };
	}
}

// Loads a carrier of its own beside the sample one, with the sample's profile changed. Gives what it is called.
export async function loadCarrier(instance, slug, platformId, change = {}) {
	const sample = JSON.parse(readFileSync(join(instance.runDir, "sample/carrier.json"), "utf8"));
	const file = `/tmp/carrier-${process.pid}-${slug}.json`;
	writeFileSync(file, JSON.stringify({ ...sample, carrier: slug, name: slug, platform_id: platformId, profile: { ...sample.profile, ...change } }));
	chmodSync(file, 0o644);
	try {
		await instance.ctl("carrier", "load", file);
	} finally {
		rmSync(file);
	}
}
