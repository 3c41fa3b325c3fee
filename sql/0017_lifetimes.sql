-- A draft's session pauses when nothing was sent for a while: whoever finds the device open has to prove the phone again. A sign-in to the
-- records says when it ends, so that a person can lengthen it.
ALTER TABLE session
	ADD COLUMN pauses_at timestamptz,        -- the draft, once its phone is proved; NULL: never (a session that was handed over ends by its handover)
	ADD COLUMN signed_in_until timestamptz;
UPDATE session SET signed_in_until = signed_in_at + interval '30 minutes' WHERE signed_in_at IS NOT NULL;
UPDATE session SET pauses_at = now() + interval '1 hour' WHERE application_id IS NOT NULL AND handover_id IS NULL;
