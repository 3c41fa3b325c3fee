// Enhancements of the pages; none is needed. Each is guarded: when one throws, the plain form still works. ES2017, no library.
// All texts come from data-text-* attributes of the templates.
(function () {
	'use strict';

	const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
	const one = (selector, root) => (root || document).querySelector(selector);
	const guard = (enhance) => {
		try {
			enhance();
		} catch (e) {
			// The page works without it.
		}
	};
	const here = () => location.pathname + location.search;
	// Only paths of ours are followed.
	const go = (url) => location.replace(/^\/(?![\/\\])/.test(url || '') ? url : here());
	const show = (element, on) => {
		if (element)
			element.hidden = !on;
	};

	// Large text is switched in the page itself: nothing that was typed is lost.
	guard(() => {
		const link = one('[data-mode-link]');
		link.addEventListener('click', (event) => {
			const body = document.body, on = body.dataset.mode !== 'care';
			event.preventDefault();
			fetch(link.href, { headers: { Accept: 'application/json' } }).then((answer) => {
				if (!answer.ok)
					throw answer;
				body.dataset.mode = on ? 'care' : '';
				link.href = link.href.replace(/care\/\w+/, on ? 'care/off' : 'care/on');
				link.textContent = on ? link.dataset.textOff : link.dataset.textOn;
			}).catch(() => location.assign(link.href));
		});
	});

	// The summary of errors gets the focus; its links move it to the field.
	guard(() => {
		const summary = one('#summary');
		if (!summary)
			return;
		summary.focus();
		summary.addEventListener('click', (event) => {
			const link = event.target.closest('a[href^="#"]');
			const field = link && document.getElementById(link.getAttribute('href').slice(1));
			if (!field)
				return;
			const label = one('label[for="' + field.id + '"]') || field.closest('.field') || field;
			event.preventDefault();
			label.scrollIntoView();
			field.focus({ preventScroll: true });
		});
	});

	// A second tap does not send again. A page that comes back from the browser's memory starts afresh.
	guard(() => {
		const reset = () => all('form[data-sent]').forEach((form) => {
			form.removeAttribute('data-sent');
			all('button', form).forEach((button) => button.removeAttribute('aria-disabled'));
		});
		document.addEventListener('submit', (event) => {
			const form = event.target;
			if (event.defaultPrevented)
				return;
			if (form.hasAttribute('data-sent')) {
				event.preventDefault();
				return;
			}
			form.setAttribute('data-sent', '');
			all('button', form).forEach((button) => button.setAttribute('aria-disabled', 'true'));
			setTimeout(reset, 15000);
		});
		window.addEventListener('pageshow', (event) => {
			if (event.persisted)
				reset();
		});
	});

	// When the SMS may be sent again: counted from the server's time, so leaving to read the SMS neither stops nor restarts it.
	// A phone whose clock is wrong waits a minute at most.
	guard(() => {
		const box = one('[data-resend-at]');
		const wait = box && one('[data-resend-wait]', box);
		const form = box && one('form', box);
		if (!wait || !form)
			return;
		const at = Math.min(Number(box.dataset.resendAt) * 1000, Date.now() + 60000);
		const tick = () => {
			const left = Math.ceil((at - Date.now()) / 1000);
			show(form, left <= 0);
			show(wait, left > 0);
			wait.textContent = box.dataset.text.replace('{s}', left);
			if (left <= 0)
				clearInterval(timer);
		};
		const timer = setInterval(tick, 1000);
		document.addEventListener('visibilitychange', tick);
		window.addEventListener('pageshow', tick);
		tick();
	});

	// A waiting page asks quietly whether the answer is there, every 2 seconds at first, then every 5.
	guard(() => {
		const main = one('main[data-wait]');
		if (!main || !window.fetch)
			return;
		// A batch tells how far it is: the numbers change in place, every 2 seconds.
		const count = (counts) => {
			Object.keys(counts).forEach((name) => {
				const at = one('[data-count="' + name + '"]');
				if (at)
					at.textContent = counts[name];
			});
			return 1700;
		};
		const typed = () => all('input, textarea', main).some((input) => !/hidden|checkbox|radio|file/.test(input.type) && input.value !== input.defaultValue);
		let pause = Math.max(2, Number(main.dataset.wait) || 2) * 1000;
		const again = () => {
			setTimeout(ask, pause);
			pause = Math.min(pause * 1.2, 5000);
		};
		const ask = () => {
			if (document.hidden || typed())
				return again();
			fetch(here(), { headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' }).then((answer) => {
				if (answer.status >= 500 || answer.status === 429)
					return again();
				return answer.json().then((data) => (pause = data.counts ? count(data.counts) : pause, data.waiting) ? again() : typed() ? again() : go(data.location), () => go());
			}).catch(again);
		};
		again();
	});

	// "Select all" ticks in place.
	guard(() => all('[data-all]').forEach((button) => button.addEventListener('click', (event) => {
		event.preventDefault();
		all('input[type=checkbox]', button.form).forEach((box) => {
			if (box.name === button.dataset.all && !box.disabled)
				box.checked = true;
		});
	})));

	// The table of cars: all of this page in place; what changed is told until it is saved. The pasted numbers are counted.
	guard(() => all('[data-tick]').forEach((button) => {
		const boxes = all('input[name="' + button.dataset.tick + '"]', button.form), unsaved = one('[data-unsaved]'), tell = one('[data-count=basket]');
		const before = Number(tell.textContent) - boxes.filter((box) => box.defaultChecked).length;
		const look = () => {
			tell.textContent = before + boxes.filter((box) => box.checked).length;
			show(unsaved, boxes.some((box) => box.checked !== box.defaultChecked));
		};
		boxes.forEach((box) => box.addEventListener('change', look));
		button.addEventListener('click', (event) => {
			const on = boxes.some((box) => !box.checked);
			event.preventDefault();
			boxes.forEach((box) => {
				box.checked = on;
			});
			look();
		});
		look();
	}));
	guard(() => all('[data-vins]').forEach((told) => {
		const text = one('#' + told.dataset.vins);
		text.addEventListener('input', () => {
			const given = (text.value.toUpperCase().match(/[A-Z0-9-]+/g) || []).map((one) => one.replace(/-/g, '')), fits = given.filter((one) => /^[A-HJ-NPR-Z0-9]{17}$/.test(one));
			const several = fits.length - new Set(fits).size;
			told.textContent = given.length ? told.dataset.text.replace('{n}', fits.length - several).replace('{d}', several).replace('{b}', given.length - fits.length) : '';
		});
	}));

	// The code: a pasted SMS is cut down to its digits; Android may hand the SMS over. Nothing is sent by itself.
	guard(() => {
		const input = one('[data-digits]');
		if (!input)
			return;
		input.addEventListener('paste', (event) => {
			const text = event.clipboardData.getData('text').normalize('NFKC');
			const found = /(?:^|\D)(\d{6})(?!\d)/.exec(text);
			const digits = found ? found[1] : text.replace(/\D/g, '');
			if (digits.length !== 6)
				return;
			event.preventDefault();
			input.value = digits;
		});
		if (!('OTPCredential' in window))
			return;
		const stop = new AbortController();
		input.form.addEventListener('submit', () => stop.abort());
		navigator.credentials.get({ otp: { transport: ['sms'] }, signal: stop.signal }).then((otp) => {
			if (otp && !input.value)
				input.value = otp.code;
		}).catch(() => {});
	});

	// In-app browsers on iOS leave a blank band where the keyboard was, until the page is scrolled.
	guard(() => document.addEventListener('focusout', () => setTimeout(() => window.scrollTo(window.pageXOffset, window.pageYOffset), 100)));

	guard(() => all('[data-print]').forEach((button) => {
		show(button, true);
		button.addEventListener('click', () => window.print());
	}));

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
		let request = null, timer = 0, waiting = false, tries = 0, percent = 0, told = -1, file, name, pieces, address = '', offset = 0;

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
		const answered = () => {
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

	// Calls done(blob, name, width, height, url) with the picture at most 2048 px long as JPEG; with the original whenever anything
	// is in the way. Browsers that do not turn pictures by themselves send the original: the server turns it.
	const shrink = (file, done) => {
		let finished = false, url = '';
		const finish = (blob, name, width, height) => {
			if (finished)
				return;
			finished = true;
			done(blob, name, width || 0, height || 0, url);
		};
		const original = (width, height) => finish(file, file.name || 'photo.jpg', width, height);
		try {
			const image = new Image();
			url = URL.createObjectURL(file);
			setTimeout(original, 10000);
			image.onerror = () => {
				url = '';
				original();
			};
			image.onload = () => {
				const width = image.naturalWidth, height = image.naturalHeight;
				try {
					const scale = Math.min(1, 2048 / Math.max(width, height));
					const turns = window.CSS && CSS.supports('image-orientation', 'from-image');
					if (!turns || (scale === 1 && file.type === 'image/jpeg' && file.size <= 614400))
						return original(width, height);
					const canvas = document.createElement('canvas');
					canvas.width = Math.round(width * scale);
					canvas.height = Math.round(height * scale);
					const pen = canvas.getContext('2d');
					pen.fillStyle = '#fff';
					pen.fillRect(0, 0, canvas.width, canvas.height);
					pen.drawImage(image, 0, 0, canvas.width, canvas.height);
					canvas.toBlob((blob) => {
						if (blob && (scale < 1 || blob.size < file.size || file.type !== 'image/jpeg'))
							finish(blob, 'photo.jpg', width, height);
						else
							original(width, height);
					}, 'image/jpeg', 0.82);
				} catch (e) {
					original(width, height);
				}
			};
			image.src = url;
		} catch (e) {
			original();
		}
	};

	const preview = (box, url) => {
		const card = box.closest('.card');
		const old = card && one('.photo, .sample', card);
		if (!old || !url)
			return;
		const image = new Image();
		image.className = 'photo';
		image.alt = '';
		image.src = url;
		old.parentNode.replaceChild(image, old);
	};

	// Choosing a file: real buttons press the kept inputs; the file goes up at once.
	guard(() => all('[data-uploader]').forEach((box) => {
		const taps = one('[data-taps]', box);
		const maximum = Number(box.dataset.max) || Infinity;
		const waiting = [];
		// Of several files the next goes up when the one before is there.
		const line = sender(box, (busy) => show(taps, !busy), () => waiting.length && (take(waiting.shift()), true));

		const take = (file) => {
			const video = box.dataset.kind === 'video';
			if (!file.size)
				return line.complain(line.text('Empty'));
			if (box.dataset.kind === 'paper' && (file.type === 'application/pdf' || /\.pdf$/i.test(file.name || '')))
				return file.size > maximum ? line.complain(line.text('Big')) : line.send(file, file.name || 'paper.pdf');
			if (file.type && file.type.indexOf(video ? 'video/' : 'image/') !== 0)
				return line.complain(line.text('Type'));
			if (video)
				return file.size > maximum ? line.complain(line.text('Big')) : line.send(file, file.name || 'clip.mp4');
			show(taps, false);
			line.prepare();
			shrink(file, (blob, name, width, height, url) => {
				if (width && Math.max(width, height) < 600)
					return line.refuse(line.text('Small'));
				if (blob.size > maximum)
					return line.refuse(line.text('Big'));
				guard(() => preview(box, url));
				line.send(blob, name);
			});
		};
		const takeAll = (files) => {
			const most = Number(box.dataset.many) || 1;
			if (files.length > most)
				return line.complain(most > 1 ? line.text('Many').replace('{n}', most) : line.text('Type'));
			waiting.length = 0;
			waiting.push(...files.slice(1));
			take(files[0]);
		};
		all('.native', box).forEach((form) => {
			const input = one('input[type=file]', form);
			form.classList.add('hide');
			form.setAttribute('aria-hidden', 'true');
			all('input, button', form).forEach((control) => {
				control.tabIndex = -1;
			});
			if ('multiple' in input.dataset)
				input.multiple = true;
			input.addEventListener('change', () => {
				const files = Array.from(input.files);
				if (!files.length)
					return;
				try {
					takeAll(files);
					input.value = '';
				} catch (e) {
					form.submit();
				}
			});
		});
		const drop = one('[data-drop]', box);
		if (drop) {
			const over = (event, on) => {
				event.preventDefault();
				drop.classList.toggle('over', on);
			};
			drop.addEventListener('dragover', (event) => over(event, true));
			drop.addEventListener('dragleave', (event) => over(event, false));
			drop.addEventListener('drop', (event) => {
				over(event, false);
				if (event.dataTransfer.files.length)
					takeAll(Array.from(event.dataTransfer.files));
			});
			// Beside the zone a dropped file would take the place of the page.
			['dragover', 'drop'].forEach((name) => window.addEventListener(name, (event) => event.preventDefault()));
		}
		all('[data-pick]', box).forEach((button) => button.addEventListener('click', () => document.getElementById(button.dataset.pick).click()));
		show(taps, true);
	}));

	// Recording in the page, where the browser can. The path over a file stays open below.
	let recording = false;
	guard(() => {
		const box = one('[data-recorder]');
		const devices = navigator.mediaDevices;
		if (box)
			one('[data-live]').dataset.begun = '';
		if (!box || !window.isSecureContext || !devices || !devices.getUserMedia || !window.MediaRecorder)
			return;
		const types = ['video/mp4;codecs=avc1.42E01E,mp4a.40.2', 'video/mp4', 'video/webm;codecs=vp8,opus', 'video/webm'];
		const type = types.find((name) => MediaRecorder.isTypeSupported && MediaRecorder.isTypeSupported(name)) || '';
		const stage = one('[data-stage]', box), ring = one('[data-ring]', box), count = one('[data-count]', box);
		const line = one('[data-rec-text]', box), problem = one('[data-rec-problem]', box), fallback = one('[data-fallback]');
		const start = one('[data-rec-start]', box), choice = one('[data-rec-choice]', box), use = one('[data-rec-use]', box);
		const seconds = Number(box.dataset.seconds) || 5, least = Number(box.dataset.least) || 3, around = 562;
		const text = (key) => box.dataset['text' + key] || '';
		// Nothing else to press while it records or sends.
		const setBusy = (on) => {
			recording = on;
			all('[data-fallback], [data-swap]').forEach((part) => show(part, !on));
		};
		let stream = null, video = null, clip = null, replay = '';

		const upload = sender(box, (busy) => {
			setBusy(busy);
			show(choice, !busy && clip);
		});
		const release = () => {
			if (stream)
				stream.getTracks().forEach((track) => track.stop());
			stream = null;
		};
		const clear = () => {
			release();
			if (video)
				video.remove();
			if (replay)
				URL.revokeObjectURL(replay);
			video = clip = null;
			replay = count.textContent = '';
			ring.style.strokeDasharray = '0 ' + around;
			stage.classList.remove('review');
		};
		const fail = (key) => {
			clear();
			setBusy(false);
			line.textContent = '';
			problem.textContent = text(key);
			show(problem, true);
			show(choice, false);
			show(start, true);
			start.focus();
		};
		const finish = (recorder, chunks, took) => {
			release();
			if (took < least)
				return fail('Short');
			setBusy(false);
			const made = recorder.mimeType || type || 'video/webm';
			clip = new Blob(chunks, { type: made });
			if (!clip.size)
				return fail('Empty');
			line.textContent = text('Recorded');
			stage.classList.add('review');
			replay = URL.createObjectURL(clip);
			video.srcObject = null;
			video.classList.remove('mirror');
			video.muted = false;
			video.controls = true;
			video.src = replay;
			video.play().catch(() => {});
			show(choice, true);
			use.focus();
		};
		const record = () => {
			const options = { videoBitsPerSecond: 600000, audioBitsPerSecond: 32000 };
			const chunks = [];
			if (type)
				options.mimeType = type;
			const recorder = new MediaRecorder(stream, options);
			let began = 0;
			const stop = () => {
				if (recorder.state !== 'inactive')
					recorder.stop();
			};
			const draw = () => {
				const part = Math.min(1, (performance.now() - began) / (seconds * 1000));
				ring.style.strokeDasharray = around * part + ' ' + around;
				if (recorder.state === 'recording')
					requestAnimationFrame(draw);
			};
			recorder.ondataavailable = (event) => {
				if (event.data && event.data.size)
					chunks.push(event.data);
			};
			recorder.onerror = () => fail('Broken');
			recorder.onstop = () => {
				document.removeEventListener('visibilitychange', stop);
				if (stream)
					finish(recorder, chunks, (performance.now() - began) / 1000);
			};
			recorder.onstart = () => {
				began = performance.now();
				line.textContent = text('Recording');
				setTimeout(stop, seconds * 1000);
				draw();
			};
			document.addEventListener('visibilitychange', stop);
			stream.getTracks().forEach((track) => {
				track.onended = stop;
			});
			recorder.start();
		};
		const prepare = (n) => {
			if (!stream)
				return;
			if (!n) {
				count.textContent = '';
				try {
					record();
				} catch (e) {
					fail('Broken');
				}
				return;
			}
			count.textContent = n;
			line.textContent = text('Ready').replace('{n}', n);
			setTimeout(prepare, 1000, n - 1);
		};
		const begin = () => {
			if (recording)
				return;
			clear();
			setBusy(true);
			upload.complain('');
			show(problem, false);
			show(start, false);
			show(choice, false);
			line.textContent = text('Opening');
			devices.getUserMedia({
				audio: true,
				video: { facingMode: 'user', width: { ideal: 480 }, height: { ideal: 640 }, frameRate: { ideal: 15, max: 24 } },
			}).then((got) => {
				stream = got;
				video = document.createElement('video');
				video.className = 'mirror';
				video.muted = video.autoplay = true;
				video.setAttribute('playsinline', '');
				video.srcObject = stream;
				stage.insertBefore(video, stage.firstChild);
				video.play().catch(() => {});
				prepare(3);
			}).catch((error) => {
				if (/NotAllowed|Security|PermissionDenied/.test(error.name))
					fail('Denied');
				else if (/NotReadable|TrackStart|Abort/.test(error.name))
					fail('Busy');
				else if (/NotFound|Overconstrained/.test(error.name))
					fail('None');
				else
					fail('Broken');
				fallback.open = true;
			});
		};
		start.addEventListener('click', begin);
		one('[data-rec-again]', box).addEventListener('click', begin);
		use.addEventListener('click', () => {
			line.textContent = '';
			video.pause();
			upload.send(clip, /mp4/.test(clip.type) ? 'clip.mp4' : 'clip.webm');
		});
		window.addEventListener('pagehide', release);
		show(box, true);
		fallback.open = !!one('.bad', fallback);
	});

	// The digits live some minutes. A phone whose clock is far off leaves the judgement to the server.
	guard(() => {
		const box = one('[data-live]');
		const until = box && Number(box.dataset.until) * 1000;
		if (!until || until < Date.now() || until > Date.now() + 900000)
			return;
		const timer = setInterval(() => {
			if (Date.now() < until || recording)
				return;
			clearInterval(timer);
			all('[data-recorder], [data-fallback], [data-say]', box).forEach((part) => show(part, false));
			show(one('[data-expired]', box), true);
		}, 1000);
	});

	// Two minutes before the session ends a dialog says so, and one tap lengthens it. The server is asked before anything is said: another
	// tab may have lengthened it, and a phone's clock stands still while it sleeps. Asking lengthens nothing.
	guard(() => {
		const box = one('[data-keep]');
		if (!box || !window.fetch)
			return;
		const dialog = one('dialog', box), words = dialog.dataset, form = one('form', box);
		const text = one('#keep-text', dialog), problem = one('.error', dialog), more = one('[data-more]', dialog), close = one('[data-close]', dialog);
		let end = Date.now() + box.dataset.left * 1000, last = 'last' in box.dataset;
		let state = '', asked = 0, answered = false, csrf = form ? form.elements.csrf.value : '';

		const talk = (body) => fetch('/session', { method: body ? 'POST' : 'GET', body, headers: { Accept: 'application/json' }, credentials: 'same-origin', cache: 'no-store' }).then((answer) => {
			if (!answer.ok)
				throw answer;
			return answer.json();
		}).then((data) => {
			const mine = data[box.dataset.keep] || [0, last];
			csrf = data.csrf;
			end = Date.now() + mine[0] * 1000;
			last = !!mine[1];
			show(form, !last);
			if (mine[2])
				one('[data-until]', box).textContent = mine[2];
		});
		// '': closed, 'later': put away until it is over.
		const turn = (to) => {
			if (to === state || (state === 'later' && to === 'soon'))
				return;
			state = to;
			show(dialog, to === 'soon' || to === 'over');
			if (dialog.hidden)
				return dialog.close && dialog.close();
			dialog.classList.toggle('over', to === 'over');
			one('h2', dialog).textContent = to === 'over' ? words.ended : words.soon;
			show(problem, false);
			show(more, to === 'soon' && !last);
			show(close, to === 'soon' && last);
			show(one('a', dialog), to === 'over');
			if (dialog.showModal && !dialog.open)
				dialog.showModal();
			one('.btn:not([hidden])', dialog).focus();
		};
		const tell = () => {
			const left = Math.ceil((end - Date.now()) / 15000) * 15, minutes = Math.floor(left / 60), seconds = left % 60;
			const rest = (minutes ? words.minutes.replace('{n}', minutes) : '') + (seconds ? words.seconds.replace('{n}', seconds) : '');
			turn(left > 120 ? '' : left > 0 ? 'soon' : 'over');
			const now = state === 'over' ? (last && words.gone) || words.over : words[last ? 'final' : 'warn'].replace('{t}', rest);
			if (text.textContent !== now)
				text.textContent = now;
		};
		const heard = () => {
			answered = true;
			tell();
		};
		const look = (again) => {
			const now = Date.now(), left = end - now;
			if (document.hidden || (recording && left > 0))
				return;
			if (left > 120000) {
				answered = false;
				return turn('');
			}
			if (again === true || (state !== 'over' && (now - asked >= 15000 || (left <= 0 && asked < end)))) {
				asked = now;
				talk().then(heard, heard);
				setTimeout(heard, 3000); // no answer either: by this clock
			} else if (answered) {
				tell();
			}
		};
		const extend = () => talk(new URLSearchParams({ csrf }));
		more.addEventListener('click', () => {
			// Once more with a new token: another tab may have changed the session.
			extend().catch(() => talk().then(extend)).then(tell).catch(() => {
				problem.textContent = words.fail;
				show(problem, true);
			});
		});
		close.addEventListener('click', () => turn('later'));
		dialog.addEventListener('cancel', (event) => {
			event.preventDefault();
			if (state === 'soon')
				turn('later');
		});
		setInterval(look, 1000);
		document.addEventListener('visibilitychange', () => look(true));
		['pageshow', 'focus'].forEach((name) => window.addEventListener(name, () => look(true)));
	});
})();
