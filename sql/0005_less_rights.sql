-- Less for the web program: it makes no temporary tables, settles no verification, and takes no card out of a submitted application.
DO $$
BEGIN
	EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
REVOKE UPDATE (state, cause, answered_at) ON verification FROM realname_web;

CREATE FUNCTION only_drafts_lose_cards() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF OLD.state <> 'draft' THEN
		RAISE EXCEPTION 'only the card of a draft can be removed' USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN OLD;
END
$$;
CREATE TRIGGER only_drafts_lose_cards BEFORE DELETE ON application_card FOR EACH ROW EXECUTE FUNCTION only_drafts_lose_cards();
