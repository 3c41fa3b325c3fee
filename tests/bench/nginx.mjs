// A second nginx with the instance's own configuration, changed where a bench wants it, on ports of its own.
import { chownSync, cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

import { beside } from "./measure.mjs";

const freePort = () => new Promise((done) => {
	const server = createServer().listen(0, "127.0.0.1", () => {
		const { port } = server.address();
		server.close(() => done(port));
	});
});

function everyFile(folder) {
	return readdirSync(folder, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? everyFile(join(folder, one.name)) : [join(folder, one.name)]));
}

// change(text) gives the text that each file of the configuration shall have. Gives the folder, the process, and its ports by their names
// in endpoints.json. start() begins it: files that are put into the folder before belong to the instance's account.
export async function secondNginx(instance, name, change) {
	const from = join(instance.runDir, "nginx"), folder = join(instance.runDir, name), { uid, gid } = statSync(`${instance.runDir}/`), ports = {};
	const real = readFileSync(join(from, "nginx.conf"), "utf8").match(/^pid (.*)\/nginx\.pid;$/m)[1]; // below a link perhaps
	for (const server of ["http", "https", "instructions"]) ports[server] = await freePort();
	mkdirSync(join(folder, "temp"), { recursive: true });
	cpSync(join(from, "nginx.conf"), join(folder, "nginx.conf"));
	cpSync(join(from, "common"), join(folder, "common"), { recursive: true });
	for (const file of everyFile(folder).filter((one) => one.endsWith(".conf"))) {
		let text = readFileSync(file, "utf8").replaceAll(real, real.replace(/nginx$/, name));
		for (const [server, port] of Object.entries(ports)) text = text.replaceAll(new URL(instance.endpoints[server]).host, `127.0.0.1:${port}`);
		writeFileSync(file, change(text));
	}
	return {
		folder, ports,
		start() {
			for (const path of [folder, join(folder, "temp"), join(folder, "common"), ...everyFile(folder)]) chownSync(path, uid, gid);
			return beside(instance, process.env.NGINX ?? "/usr/sbin/nginx", ["-e", "stderr", "-p", `${folder}/`, "-c", join(folder, "nginx.conf")]);
		},
	};
}
