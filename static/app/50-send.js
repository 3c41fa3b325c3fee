// Sends one file with progress, cancel and retry. box carries data-url and the texts and holds _progress.cs;
// idle(busy) is told when sending begins and ends without success. A file of more than one piece goes up piece by piece (tus 1.0.0):
// what has arrived stays, and only the piece under way is sent again. Its address is kept here and not found by the file's
// fingerprint, since phones write a chosen video anew each time.
const sender = (box, idle, more) => {
	const going = one('[data-going]', box), line = one('[data-going-text]', box), bar = one('progress', box);
	const cancel = one('[data-cancel]', box), retry = one('[data-retry]', box);
	const said = one('[data-said]', box), problem = one('[data-problem]', box);
	const pauses = [1000, 3000, 5000, 10000];
	const text = (key, percent) => (box.dataset['text' + key] || '').replace('{label}', box.dataset.label).replace('{p}', percent);
	const piece = 262144;
	let renewed = false, request = null, timer = 0, waiting = false, tries = 0, percent = 0, told = -1, file, name, pieces, address = '', offset = 0;

	const say = (words) => {
		said.textContent = words;
	};
	const complain = (words) => {
		problem.textContent = words;
		show(problem, words);
	};
	const stop = (words, mayRetry) => {
		clearTimeout(timer);
		waiting = false;
		request = null;
		complain(words);
		line.textContent = '';
		show(going, mayRetry);
		show(bar, false);
		show(cancel, false);
		show(retry, mayRetry);
		idle(false);
	};
	const progress = (value) => {
		percent = value;
		bar.value = value;
		line.textContent = text('Sending', value);
		const step = value >= 100 ? 100 : value >= 50 ? 50 : 0;
		if (step !== told) {
			told = step;
			say(text('Sending', step));
		}
	};
	const lost = () => {
		request = null;
		if (tries >= pauses.length)
			return stop(text('Fail'), true);
		waiting = true;
		line.textContent = text('Net', percent);
		say(text('Net', percent));
		if (navigator.onLine !== false)
			timer = setTimeout(attempt, pauses[tries]);
		tries++;
	};
	// Another tab may have signed in since: the session has a new token. Asked for once; then the page itself says what is.
	const renew = () => {
		renewed = true;
		fetch('/session', { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' }).then((answer) => answer.json()).then((data) => {
			box.dataset.url = box.dataset.url.replace(/([?&]csrf=)[^&]*/, '$1' + encodeURIComponent(data.csrf));
			attempt();
		}).catch(() => go());
	};
	const answered = () => {
		if (request.status === 403)
			return renewed ? go() : renew();
		let data = null;
		try {
			data = JSON.parse(request.responseText);
		} catch (e) {
			// A page instead of JSON: the server knows the state, so show it.
		}
		const status = request.status;
		if (status < 400) {
			progress(100);
			line.textContent = text('Done');
			return more && more() ? undefined : go(data && data.location);
		}
		const words = data && (data.errors ? data.errors.map((item) => item.text).join(' ') : data.text);
		stop(words || text('Fail'), status >= 500 || status === 429);
	};
	const send = (method, url, headers, body, done, base) => {
		request = new XMLHttpRequest();
		request.open(method, url);
		request.setRequestHeader('Accept', 'application/json');
		Object.keys(headers).forEach((key) => request.setRequestHeader(key, headers[key]));
		request.timeout = pieces ? 90000 : 300000;
		request.upload.onprogress = (event) => {
			if (event.lengthComputable && base !== undefined)
				progress(Math.min(99, Math.floor((base + event.loaded) * 100 / Math.max(file.size, base + event.total))));
		};
		request.onload = done;
		request.onerror = request.ontimeout = lost;
		request.send(body);
	};
	const plain = () => {
		const body = new FormData();
		pieces = false;
		body.append('file', file, name);
		send('POST', box.dataset.url, {}, body, answered, 0);
	};
	// Shells and proxies that know only GET and POST let this pass.
	const tus = (method, url, headers, body, done, base) => send(method === 'HEAD' ? method : 'POST', url, Object.assign({
		'Tus-Resumable': '1.0.0', 'X-HTTP-Method-Override': method, 'X-CSRF-Token': (/[?&]csrf=([^&]*)/.exec(box.dataset.url) || [])[1],
	}, headers), body, done, base);
	// What became of it: on with the next piece, afresh when it is gone, the offset anew when we are out of step, or the answer.
	const stepped = () => {
		const status = request.status, at = request.getResponseHeader('Upload-Offset');
		if (status === 403)
			return answered();
		if (status === 201) {
			address = request.getResponseHeader('Location');
			offset = 0;
			return next();
		}
		if (!address && (status === 404 || status === 405 || status === 501))
			return plain();
		if (status === 404 || status === 410)
			address = '';
		if (status === 404 || status === 410 || status === 409 || status === 423)
			return lost();
		if (at === null || (status !== 204 && request.responseText))
			return answered();
		if (Number(at) > offset)
			tries = 0;
		offset = Number(at);
		next();
	};
	const next = () => tus('PATCH', address, { 'Upload-Offset': offset, 'Content-Type': 'application/offset+octet-stream' },
		file.slice(offset, offset + piece), stepped, offset);
	const attempt = () => {
		// In practice nothing leaves the phone: only the word that a file was there is sent.
		const practice = one('form[data-practice]');
		if (practice)
			return practice.submit();
		clearTimeout(timer);
		waiting = false;
		complain('');
		show(going, true);
		show(bar, true);
		show(cancel, true);
		show(retry, false);
		idle(true);
		told = -1;
		progress(address ? Math.floor(offset * 100 / file.size) : 0);
		if (!pieces)
			plain();
		else if (address)
			tus('HEAD', address, {}, null, stepped);
		else
			tus('POST', box.dataset.url.replace('/upload/', '/resume/'), { 'Upload-Length': file.size }, null, stepped);
	};
	const drop = () => {
		if (address) {
			tus('DELETE', address, {}, null, null);
			request.onerror = request.ontimeout = null; // what stays runs out
		}
		request = null;
		address = '';
	};
	cancel.addEventListener('click', () => {
		if (request)
			request.abort();
		drop();
		stop('', false);
		say(text('Cancelled'));
	});
	retry.addEventListener('click', () => {
		tries = 0;
		attempt();
	});
	window.addEventListener('online', () => {
		if (waiting)
			attempt();
	});
	return {
		text, complain,
		send(blob, title) {
			file = blob;
			name = title;
			address = '';
			pieces = file.size > piece;
			tries = 0;
			attempt();
		},
		prepare() {
			complain('');
			show(going, true);
			show(bar, false);
			show(cancel, false);
			show(retry, false);
			line.textContent = text('Prepare');
		},
		refuse: (words) => stop(words, false),
	};
};
