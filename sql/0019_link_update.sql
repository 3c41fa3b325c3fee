-- Links for changes too: the kinds are those of the program (cgi/domain/kind.c).
ALTER TABLE entry_link DROP CONSTRAINT entry_link_kind_check;
ALTER TABLE entry_link ADD CONSTRAINT entry_link_kind_check CHECK (kind IN ('register', 'cancel', 'update'));
