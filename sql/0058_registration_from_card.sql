-- Following a line of registrations asks for the one that an application began for a card: with 5,000 cards of a batch, an index on the
-- application alone read all of them for each.
CREATE INDEX registration_from_card ON registration (from_application_id, card_id);
DROP INDEX registration_from;
