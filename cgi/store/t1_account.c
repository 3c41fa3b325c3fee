/* Table 8: who holds a card, as a carrier is told of it. */
#include "store/push.h"

#include "t1/fields.h"

#define PERSON "1"
#define ORGANISATION "2"

/* The fields of a party by what they are called after, "Customer", "Company", "Corporation" or "Operator". Absent when not known. */
static void set_party(struct arena *a, struct t1_values *v, const struct t1_profile *p, const char *group, const struct push_party *party,
		      bool telephone)
{
	const struct {
		const char *field, *value;
	} rows[] = {
		{"Name", party->name},
		{"CertType", party->certificate_type ? t1_profile_certificate(p, party->certificate_type) : NULL},
		{"CertNumber", party->number},
		{"CertAddress", party->address},
		{"PosterAddress", party->postal_address},
		{"Telephone", telephone ? party->telephone : NULL},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value)
			t1_set(v, arena_printf(a, "%s%s", group, rows[i].field), rows[i].value);
}

static void set_customer(struct arena *a, struct t1_values *v, const struct t1_profile *p, const char *type, const struct push_party *party)
{
	t1_set(v, "CustomerType", type);
	set_party(a, v, p, "Customer", party, false);
	if (party->validity_known)
		t1_set(v, "CustomerCertDate", certificate_validity_t1(a, &party->validity, p->cert_date_end_only, NULL));
}

/* Customer…: the person; of an organisation its responsible person, under whose name the cards stand, unless the profile wants the
 * organisation there. */
static void set_parties(struct arena *a, struct t1_values *v, const struct push_source *s, const struct t1_profile *p)
{
	const struct push_party *organisation = &s->parties[PARTY_ORGANISATION],
				*responsible =
					&s->parties[s->parties[PARTY_RESPONSIBLE].certificate_type ? PARTY_RESPONSIBLE : PARTY_LEGAL];
	set_party(a, v, p, "Operator", &s->parties[PARTY_AGENT], true);
	v->agent = s->agent;
	if (!s->organisation) {
		set_customer(a, v, p, PERSON, &s->parties[PARTY_HOLDER]);
		return;
	}
	set_customer(a, v, p, ORGANISATION, p->customer_organisation ? organisation : responsible);
	set_party(a, v, p, "Company", organisation, false);
	set_party(a, v, p, "Corporation", responsible, true);
}

/* VehicleStatus, and when it came to that: a transfer is accepted with this application, the rest the car's row knows. */
static void set_status(struct arena *a, struct t1_values *v, const struct push_source *s, const struct push_card *c, enum told_status rule)
{
	int64_t at = rule == TOLD_TRANSFERRED ? s->submitted_at : db_int(c->car, c->row, "status_updated_at");
	t1_set(v, "VehicleStatus", told_vehicle_status(rule, (int)db_int(c->car, c->row, "status")));
	t1_set(v, "StatusUpdateTime", clock_t1(a, at));
}

enum status t1_account_make(struct arena *a, const struct push_source *s, const struct push_card *c, struct push_message *m)
{
	struct t1_values v = {.table = T1_ACCOUNT};
	bool former = m->part == T1_PART_FORMER_ACCOUNT;
	t1_set(&v, "MSISDN", c->msisdn);
	t1_set(&v, "ICCID", c->iccid);
	set_status(a, &v, s, c, former ? TOLD_ENDED : c->business->status);
	t1_set(&v, "AcceptTime", clock_t1(a, s->submitted_at));
	if (former)
		set_customer(a, &v, c->profile, PERSON, &s->parties[PARTY_FORMER_HOLDER]);
	else
		set_parties(a, &v, s, c->profile);
	/* pictures follow what begins a registration */
	if (c->profile->pho_name_always || (c->profile->sftp.host && c->business->begins && !former))
		t1_set(&v, "PhoName", t1_profile_pho_name(a, c->profile, c->iccid, m->request_id, c->code));
	m->missing = t1_missing(&v);
	if (m->missing)
		return status_fail(ST_INVALID, "account message: %s is missing or malformed", m->missing);
	m->inputs = t1_json(a, &v);
	return ST_OK;
}
