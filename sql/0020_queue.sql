-- The queue for everything that is done in the background: lanes, order per key, holders that are missed at once, history apart.

-- A worker holds the advisory lock (JOB_WORKER_LOCK, id) on its connection as long as it lives; who misses it, misses the worker.
DROP TABLE worker;
CREATE TABLE worker (
	id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	role text NOT NULL CHECK (role IN ('prompt', 't1', 'sftp')),
	host text NOT NULL,
	pid integer NOT NULL,
	started_at timestamptz NOT NULL DEFAULT now(),
	seen_at timestamptz NOT NULL DEFAULT now(),
	missed_at timestamptz            -- its lock was found free; when it still is at the next look, what it held is free
);

ALTER TABLE job
	ADD COLUMN lane text COLLATE "C",
	ADD COLUMN order_key uuid,
	ADD COLUMN behind boolean NOT NULL DEFAULT false, -- an earlier job of the same key is not finished
	ADD COLUMN due_at timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN worker integer,                        -- who claimed it
	ADD COLUMN deaths integer NOT NULL DEFAULT 0,     -- how many workers died holding it
	ADD COLUMN dead_cause text;                       -- key of the table of causes and remedies
UPDATE job SET lane = CASE kind WHEN 'sms_send' THEN 'sms' ELSE 'identity' END WHERE kind <> 't1_send';
UPDATE job SET lane = 't1:' || m.connection_id, order_key = m.card_id FROM t1_message m WHERE job.kind = 't1_send' AND m.id = job.subject;
DELETE FROM job WHERE lane IS NULL; -- of messages that are no more: nothing would have been done
UPDATE job SET run_at = lease_until WHERE lease_until > run_at;
-- From now on every message has a job from the start: the later ones of a card wait behind the first.
INSERT INTO job (kind, subject, lane, order_key, behind)
	SELECT 't1_send', m.id, 't1:' || m.connection_id, m.card_id, true FROM t1_message m
	WHERE m.state IN ('waiting', 'sent') AND NOT EXISTS (SELECT FROM job j WHERE j.kind = 't1_send' AND j.subject = m.id)
	ORDER BY m.card_id, m.sequence;
UPDATE job SET behind = false WHERE behind AND id IN (SELECT min(id) FROM job WHERE order_key IS NOT NULL GROUP BY order_key HAVING bool_and(behind));

DROP INDEX job_due, job_due_prompt;
ALTER TABLE job DROP COLUMN lease_until, ALTER COLUMN lane SET NOT NULL;
-- run_at is not in an index: a claim moves it to the end of the lease, and the row can stay on its page.
CREATE INDEX job_claimable ON job (lane, due_at) WHERE NOT behind AND dead_at IS NULL;
-- The order of a key: at most one job of it can be claimed.
CREATE UNIQUE INDEX job_head ON job (order_key) WHERE order_key IS NOT NULL AND NOT behind;
CREATE INDEX job_behind ON job (order_key, id) WHERE behind;
CREATE INDEX job_dead ON job (dead_at) WHERE dead_at IS NOT NULL;
ALTER TABLE job SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

-- What is finished: out of the hot table, kept for the setting job_history_days.
CREATE TABLE job_done (
	id bigint NOT NULL,
	kind text NOT NULL,
	subject uuid,
	lane text NOT NULL,
	order_key uuid,
	attempts integer NOT NULL,
	deaths integer NOT NULL,
	worker integer,
	outcome text NOT NULL,                            -- 'done', or why an operator took it out
	created_at timestamptz NOT NULL,
	finished_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX job_done_finished ON job_done USING brin (finished_at);
CREATE INDEX job_done_subject ON job_done (subject);

-- Where calls go and what holds them back: one row a lane that ever was, written when something changes.
CREATE TABLE lane (
	name text PRIMARY KEY,
	state text NOT NULL DEFAULT 'closed' CHECK (state IN ('closed', 'open', 'half_open')), -- the circuit breaker
	retry_at timestamptz,                             -- open until then
	cause text,
	changed_at timestamptz NOT NULL DEFAULT now()
);

-- The class of a lane is what stands before its colon; workers listen to one class.
CREATE FUNCTION job_class(lane text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE split_part(lane, ':', 1) WHEN 't1' THEN 'job_t1' WHEN 'sftp' THEN 'job_sftp' ELSE 'job_prompt' END
$$;

-- Adds a job in the caller's transaction; false when one of this kind and subject is there already. With a key it stands behind
-- what is not finished of the same key: the row lock on the head makes the order of jobs the order of commits, and keeps the
-- head from being finished unseen.
CREATE FUNCTION job_add(new_kind text, new_lane text, new_subject uuid, new_key uuid, delay_s double precision, due_s double precision)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	LOOP
		INSERT INTO job (kind, lane, subject, order_key, run_at, due_at)
			VALUES (new_kind, new_lane, new_subject, new_key, now() + make_interval(secs => delay_s), now() + make_interval(secs => due_s))
			ON CONFLICT DO NOTHING;
		IF FOUND THEN
			IF delay_s <= 0 THEN
				PERFORM pg_notify(job_class(new_lane), '');
			END IF;
			RETURN true;
		END IF;
		IF new_key IS NULL OR EXISTS (SELECT FROM job WHERE kind = new_kind AND subject = new_subject) THEN
			RETURN false;
		END IF;
		PERFORM FROM job WHERE order_key = new_key AND NOT behind FOR UPDATE;
		IF FOUND THEN
			INSERT INTO job (kind, lane, subject, order_key, behind, run_at, due_at)
				VALUES (new_kind, new_lane, new_subject, new_key, true, now() + make_interval(secs => delay_s), now() + make_interval(secs => due_s))
				ON CONFLICT (kind, subject) DO NOTHING;
			RETURN FOUND;
		END IF;
	END LOOP;
END
$$;

-- Takes finished jobs out, in the caller's transaction, and lets the next of their keys come forward. Gives the ids that were held by
-- these claims: the others belong to somebody else by now.
CREATE FUNCTION job_finish(ids bigint[], claims bigint[], how text) RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	ours bigint[];
	keys uuid[];
BEGIN
	WITH gone AS (
		DELETE FROM job USING unnest(ids, claims) AS u (id, claim) WHERE job.id = u.id AND job.claim = u.claim RETURNING job.*
	), kept AS (
		INSERT INTO job_done (id, kind, subject, lane, order_key, attempts, deaths, worker, outcome, created_at)
			SELECT id, kind, subject, lane, order_key, attempts, deaths, worker, how, created_at FROM gone RETURNING id, order_key
	)
	SELECT array_agg(id), array_agg(order_key) FILTER (WHERE order_key IS NOT NULL) INTO ours, keys FROM kept;
	PERFORM job_promote(keys);
	RETURN coalesce(ours, '{}');
END
$$;

-- The heads of these keys are gone: the next ones are heads. A statement of its own, so that it sees what was added meanwhile.
CREATE FUNCTION job_promote(keys uuid[]) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	class text;
BEGIN
	IF keys IS NULL THEN
		RETURN;
	END IF;
	FOR class IN
		WITH next AS (
			UPDATE job SET behind = false
				WHERE id IN (SELECT (SELECT min(j.id) FROM job j WHERE j.order_key = k AND j.behind) FROM unnest(keys) AS k) RETURNING lane
		) SELECT DISTINCT job_class(lane) FROM next
	LOOP
		PERFORM pg_notify(class, '');
	END LOOP;
END
$$;

-- An operator takes a job out that nobody holds: how is the reason.
CREATE FUNCTION job_skip(skipped bigint, how text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	gone job;
BEGIN
	DELETE FROM job WHERE id = skipped AND (claim IS NULL OR run_at < now()) RETURNING * INTO gone;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	INSERT INTO job_done (id, kind, subject, lane, order_key, attempts, deaths, worker, outcome, created_at)
		VALUES (gone.id, gone.kind, gone.subject, gone.lane, gone.order_key, gone.attempts, gone.deaths, gone.worker, how, gone.created_at);
	IF gone.order_key IS NOT NULL AND NOT gone.behind THEN
		PERFORM job_promote(ARRAY[gone.order_key]);
	END IF;
	RETURN true;
END
$$;

-- Frees what dead workers held. The first look marks a worker whose lock is free, the next one, a second or more later, takes its
-- jobs: a worker that only lost its connection has come back by then. How many jobs were freed.
CREATE FUNCTION job_reap(lock_class integer, deaths_max integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	gone integer[];
	freed integer;
BEGIN
	UPDATE worker SET missed_at = CASE WHEN held THEN NULL ELSE coalesce(missed_at, clock_timestamp()) END
		FROM (SELECT w.id, EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = lock_class AND l.objid = w.id
				AND l.objsubid = 2 AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held
			FROM worker w) AS look
		WHERE worker.id = look.id AND (missed_at IS NULL) <> held;
	WITH deleted AS (
		DELETE FROM worker WHERE id IN (SELECT id FROM worker WHERE missed_at < clock_timestamp() - interval '900 ms' FOR UPDATE SKIP LOCKED)
			RETURNING id
	) SELECT array_agg(id) INTO gone FROM deleted;
	IF gone IS NULL THEN
		RETURN 0;
	END IF;
	UPDATE job SET run_at = now(), claim = NULL, worker = NULL, deaths = deaths + 1,
			dead_at = CASE WHEN deaths + 1 >= deaths_max THEN now() END,
			dead_cause = CASE WHEN deaths + 1 >= deaths_max THEN 'kills_worker' END
		WHERE worker = ANY (gone) AND claim IS NOT NULL;
	GET DIAGNOSTICS freed = ROW_COUNT;
	IF freed > 0 THEN
		PERFORM pg_notify('job_prompt', ''), pg_notify('job_t1', ''), pg_notify('job_sftp', '');
	END IF;
	RETURN freed;
END
$$;

REVOKE ALL ON FUNCTION job_add, job_finish, job_promote, job_skip, job_reap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION job_add TO realname_web, realname_jobs, realname_operator;
GRANT EXECUTE ON FUNCTION job_finish, job_reap TO realname_jobs;
GRANT EXECUTE ON FUNCTION job_skip TO realname_operator;
REVOKE INSERT ON job FROM realname_web, realname_jobs, realname_operator;
REVOKE DELETE ON job FROM realname_jobs;
GRANT SELECT ON worker, job_done, lane TO realname_web, realname_operator;
GRANT SELECT, INSERT, UPDATE, DELETE ON worker TO realname_jobs;
GRANT SELECT, DELETE ON job_done TO realname_jobs;
GRANT SELECT, INSERT, UPDATE ON lane TO realname_jobs;
GRANT UPDATE ON lane TO realname_operator;
GRANT USAGE ON SEQUENCE job_claim TO realname_jobs;
