/* What has to be done again after a refusal: follows from the key of what the person was told. Pure. */
#ifndef DOMAIN_REDO_H
#define DOMAIN_REDO_H

/* From the least to the most: what a later one asks for includes that of those before it. */
enum redo_part {
	REDO_CHECK,       /* look at everything and submit again */
	REDO_CERTIFICATE, /* correct what was read from the certificate */
	REDO_PICTURES,    /* take the pictures again */
	REDO_PART_MAX
};

/* An unknown key or none: REDO_CHECK. */
enum redo_part redo_part(const char *refusal_key);
/* Stable name for audit rows: "check", "certificate", "pictures". */
const char *redo_name(enum redo_part part);

#endif
