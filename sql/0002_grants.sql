-- What each program may do, and no more. Nobody but the owner may delete or change audit rows, consents or evidence rows' content.

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO realname_web, realname_jobs, realname_operator;

-- The web program: reads the catalogue, writes drafts, submits.
GRANT SELECT ON automaker, manufacturer, carrier, carrier_connection, vehicle, card, card_binding, agreement_text, registration,
	sms_message, t1_message, worker, schema_migration TO realname_web;
GRANT SELECT, INSERT ON data_key, reading, verification, live_code, consent, audit, attempt TO realname_web;
GRANT SELECT, INSERT, UPDATE ON application, application_card, application_party, session, sms_code TO realname_web;
GRANT DELETE ON session, application_card TO realname_web;
GRANT SELECT, INSERT ON evidence TO realname_web;
GRANT INSERT ON sms_message, t1_message, job TO realname_web;
GRANT SELECT ON job TO realname_web;
GRANT UPDATE (state, used_at, expires_at) ON live_code TO realname_web;
GRANT UPDATE (state, cause, answered_at) ON verification TO realname_web;

-- The jobs program: calls outside, writes answers, moves cards, clears what has run out.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO realname_jobs;
GRANT INSERT ON sms_message, evidence, registration, t1_message, t1_attempt, job, audit, audit_chain, reading, job_schedule, worker, data_key TO realname_jobs;
GRANT UPDATE ON sms_message, reading, verification, live_code, application, application_card, application_party, registration, t1_message,
	t1_attempt, job, job_schedule, worker, carrier_connection TO realname_jobs;
GRANT UPDATE (deleted_at) ON evidence TO realname_jobs;
GRANT UPDATE (wrapped, erased_at) ON data_key TO realname_jobs;
GRANT DELETE ON job, attempt, session, sms_code, worker TO realname_jobs;
GRANT USAGE ON SEQUENCE job_claim TO realname_jobs;

-- The operator's command: catalogue, review, requeue.
GRANT SELECT ON ALL TABLES IN SCHEMA public TO realname_operator;
GRANT INSERT, UPDATE ON automaker, manufacturer, carrier, carrier_connection, vehicle, card, card_binding, agreement_text TO realname_operator;
GRANT INSERT ON data_key, audit, job, t1_message, sms_message, verification TO realname_operator;
GRANT UPDATE ON application, application_card, job, t1_message TO realname_operator;
