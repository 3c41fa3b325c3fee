/* Names, presence and forms of the fields in tables 8 and 11. */
#ifndef STANDIN_T1_FIELDS_H
#define STANDIN_T1_FIELDS_H

enum t1_presence {
	T1_ALWAYS,
	T1_KNOWN,              /* when it is known: may be absent */
	T1_ORGANISATION,       /* with CustomerType 2 always, otherwise never */
	T1_ORGANISATION_KNOWN, /* with CustomerType 2 when it is known, otherwise never */
	T1_AGENT,              /* as soon as one field of the agent is there */
	T1_AGENT_KNOWN,
};

enum t1_form {
	T1_TEXT,
	T1_OBJECT,
	T1_MSISDN,
	T1_ICCID,
	T1_VIN,
	T1_TIME,        /* YYYYMMDDHHMISS */
	T1_DAY_OR_TIME, /* YYYYMMDD or YYYYMMDDHHMISS */
	T1_VALIDITY,
	T1_STATUS,
	T1_ONE_OR_TWO,
	T1_PERSON_TYPE, /* certificate types of people (annex A.5) */
	T1_ORGANISATION_TYPE,
	T1_ANY_TYPE,
	T1_NUMBER, /* of a certificate */
	T1_CREDIT_CODE,
	T1_PHONE,
	T1_ARCHIVE,
	T1_VEHICLE_TYPE,
	T1_FUELS,
	T1_FORMS
};

struct t1_field {
	const char *name;
	enum t1_presence presence;
	enum t1_form form;
};

/* Extended regular expressions, NULL where any text will do. */
extern const char *const t1_forms[T1_FORMS];
/* A NULL name ends each. */
extern const struct t1_field t1_user_fields[], t1_vehicle_fields[];

#endif
