/* realnamectl: the operator's command. Only the table of what it can do is here. */
#include "operator/verbs.h"

#define SETTINGS NEEDS_CONFIG
#define DATABASE (NEEDS_CONFIG | NEEDS_DATABASE)
#define ALL (NEEDS_CONFIG | NEEDS_DATABASE | NEEDS_KEYS)

static const struct word automaker_words[] = {
	{"load", "FILE", "takes over an automaker and its manufacturers from JSON", DATABASE, verb_automaker_load, NULL},
	{0},
};
static const struct word carrier_words[] = {
	{"load", "FILE", "takes over a carrier, who we are there and its profile from JSON", DATABASE, verb_carrier_load, NULL},
	{"list", NULL, "carriers; suspended: our credential was refused, messages wait", DATABASE, verb_carrier_list, NULL},
	{"resume", "CARRIER", "lets the messages of a suspended carrier go on, after the credential was mended", DATABASE,
	 verb_carrier_resume, NULL},
	{0},
};
static const struct word agreement_words[] = {
	{"load", "KIND FILE [--from DATE]", "adds a version of a text: first line title, second line \"version: X\", then the body",
	 DATABASE, verb_agreement_load, NULL},
	{"list", NULL, "all versions of all texts; * marks what is shown now", DATABASE, verb_agreement_list, NULL},
	{"show", "KIND VERSION", "one version of a text, as agreement load reads it; its SHA-256 is checked", DATABASE, verb_agreement_show, NULL},
	{0},
};
static const struct word company_words[] = {
	{"list", "[--waiting] [--limit NUMBER]", "companies, newest first, 50 unless told; --waiting: those with people who wait to be let in", DATABASE,
	 verb_company_list, NULL},
	{"show", "CODE [--reveal] [--reason TEXT]", "one company and its admins, masked; --reveal shows phones and names, wants a reason and is on record", ALL,
	 verb_company_show, NULL},
	{"admit", "MEMBER", "lets somebody in who waits (its id: company show); told by SMS", ALL, verb_company_admit, NULL},
	{"remove", "MEMBER --reason TEXT", "turns down somebody who waits, or removes an admin, at once; told by SMS", ALL, verb_company_remove, NULL},
	{"close", "CODE --reason TEXT", "nobody acts for the company any more; what is registered stays", DATABASE, verb_company_close, NULL},
	{"reopen", "CODE --reason TEXT", "its admins may act again", DATABASE, verb_company_reopen, NULL},
	{0},
};
static const struct word application_words[] = {
	{"list", "[--state STATE] [--limit NUMBER]", "newest first, 50 unless told", DATABASE, verb_application_list, NULL},
	{"show", "NUMBER [--reveal] [--reason TEXT]", "one application, masked; --reveal shows everything, wants a reason and is on record",
	 ALL, verb_application_show, NULL},
	{0},
};
static const struct word review_words[] = {
	{"list", NULL, "applications that wait for people, oldest first", DATABASE, verb_review_list, NULL},
	{"show", "NUMBER [--reveal] [--reason TEXT]", "what is to be decided, and why people are asked", ALL, verb_review_show, NULL},
	{"picture", "NUMBER PURPOSE [--page NUMBER] --reason TEXT",
	 "writes a picture to standard output, on record: portrait, certificate_front, certificate_back, vehicle_licence, "
	 "other_photo; of companies business_licence, authorisation, attachment, page by page",
	 ALL, verb_review_picture, NULL},
	{"ask", "NUMBER WHAT [--text TEXT]",
	 "asks the user for a picture: certificate_front, certificate_back, vehicle_licence, other_photo; of companies business_licence, "
	 "authorisation, attachment; he reads the text (60 characters)",
	 ALL, verb_review_ask, NULL},
	{"approve", "NUMBER [--reason TEXT]", "the cards are pushed to their carriers", ALL, verb_review_approve, NULL},
	{"refuse", "NUMBER --reason TEXT",
	 "the cards are refused, also while pictures are asked for; the reason (30 characters) is for staff", ALL, verb_review_refuse,
	 NULL},
	{0},
};
static const struct word complaint_words[] = {
	{"list", "[--state STATE] [--limit NUMBER]", "oldest first, 50 unless told; states: received, working, answered", DATABASE,
	 verb_complaint_list, NULL},
	{"show", "NUMBER [--reveal] [--reason TEXT]",
	 "one complaint without its words; --reveal shows them and the phone, wants a reason, is on record and sets it to working", ALL,
	 verb_complaint_show, NULL},
	{"answer", "NUMBER TEXT", "the answer (500 characters) that its writer reads; told by SMS when a phone was given", ALL,
	 verb_complaint_answer, NULL},
	{0},
};
static const struct word misuse_words[] = {
	{"list", "[--state STATE] [--limit NUMBER]", "reports of misuse (不是我办的), oldest first, 50 unless told; states: open, closed",
	 DATABASE, verb_misuse_list, NULL},
	{"show", "NUMBER [--reveal] [--reason TEXT]",
	 "one report and its application, masked; --reveal shows everything, wants a reason and is on record", ALL, verb_misuse_show, NULL},
	{"close", "NUMBER OUTCOME [--cancel] --reason TEXT",
	 "what was found out: misuse, own, unreachable; the reason (100 characters) is on record; --cancel ends what is registered from it", ALL,
	 verb_misuse_close, NULL},
	{0},
};
static const struct word correction_words[] = {
	{"list", "[--reveal] [--reason TEXT]", "requests that wait for an answer, oldest first; --reveal shows what is wanted, on record",
	 ALL, verb_correction_list, NULL},
	{"answer", "NUMBER TEXT", "the answer (2 to 200 characters) that the person reads in 我的信息", ALL, verb_correction_answer, NULL},
	{0},
};
static const struct word t1_words[] = {
	{"status", NULL, "a line a carrier: whether it is served, its breaker, what is open and since when", DATABASE, verb_t1_status,
	 NULL},
	{"list", "[--carrier CARRIER] [--state STATE] [--limit NUMBER]",
	 "messages that have not come to their end, oldest first, 50 unless told; or all in a state", DATABASE, verb_t1_list, NULL},
	{"show", "MESSAGE [--clear] [--reason TEXT]",
	 "one message (RequestID or id), its attempts and fields, masked; --clear shows everything, wants a reason and is on record", ALL,
	 verb_t1_show, NULL},
	{"retry", "MESSAGE", "sends it again now: the same RequestID, the same bytes", DATABASE, verb_t1_retry, NULL},
	{"skip", "MESSAGE --reason TEXT",
	 "it needs not be sent, or not again; with its last message the card is done. What the carrier says has happened is t1 result", ALL,
	 verb_t1_skip, NULL},
	{"supersede", "MESSAGE --reason TEXT", "builds it anew from today's data, with a new RequestID, in the other's place", ALL,
	 verb_t1_supersede, NULL},
	{"result", "MESSAGE RESULT [--words TEXT] --reason TEXT",
	 "the result that the carrier told people instead of sending it: done, or refused with its words, which is final for the card", DATABASE,
	 verb_t1_result, NULL},
	{"reconcile", "[--carrier CARRIER] [--hours NUMBER]",
	 "asks again for messages without a final answer for so long (else: as the profile says), with the same RequestIDs", DATABASE,
	 verb_t1_reconcile, NULL},
	{0},
};
static const struct word vehicle_words[] = {
	{"status", "VIN STATUS [--at TIME]",
	 "a car is transferred, scrapped, ...: its status (1 to 6, or the word) changes and the carriers of its registered cards are told; "
	 "with the status that it has: those who refused it",
	 ALL, verb_vehicle_status, NULL},
	{0},
};
static const struct word registration_words[] = {
	{"cancel", "VIN [--application NUMBER] --reason TEXT",
	 "ends what is registered in a car when its holder cannot, by an application of staff; the reason (100 characters) is on record", ALL,
	 verb_registration_cancel, NULL},
	{0},
};
static const struct word file_words[] = {
	{"list", "[--carrier CARRIER] [--state STATE] [--limit NUMBER]", "files for carriers that are not delivered, or all in a state",
	 DATABASE, verb_file_list, NULL},
	{"again", "REQUESTID --reason TEXT", "delivers a file once more that the carrier has lost: the same name and bytes", DATABASE,
	 verb_file_again, NULL},
	{0},
};
static const struct word jobs_words[] = {
	{"list", "[--dead]", "background work that waits, or that was given up", DATABASE, verb_jobs_list, NULL},
	{0},
};
static const struct word audit_words[] = {
	{"verify", "[--since LINK]", "recomputes the chain over the audit rows and prints its last link; --since: it still holds a link that was kept elsewhere",
	 DATABASE, verb_audit_verify, NULL},
	{0},
};

static const struct word words[] = {
	{"migrate", NULL, "brings the schema of the database up to date", DATABASE, verb_migrate, NULL},
	{"automaker", NULL, NULL, 0, NULL, automaker_words},
	{"carrier", NULL, NULL, 0, NULL, carrier_words},
	{"agreement", NULL, NULL, 0, NULL, agreement_words},
	{"import", "FILE [--skip-bad] [--dry-run]",
	 "takes over cars and cards from CSV (\"-\": standard input), all or nothing unless told", ALL, verb_import, NULL},
	{"import-fleet", "FILE [--skip-bad] [--dry-run] [--move] [--restore]",
	 "takes over companies, their admins and cars from CSV (\"-\": standard input); --move: also cars of another company; --restore: "
	 "contacts who were removed are admins again",
	 ALL, verb_import_fleet, NULL},
	{"company", NULL, NULL, 0, NULL, company_words},
	{"application", NULL, NULL, 0, NULL, application_words},
	{"review", NULL, NULL, 0, NULL, review_words},
	{"complaint", NULL, NULL, 0, NULL, complaint_words},
	{"misuse", NULL, NULL, 0, NULL, misuse_words},
	{"link", "VIN... [--flow FLOW] [--hours NUMBER]",
	 "makes an address, good once, that opens the site with these cars (register, cancel or update; 24 hours)", ALL, verb_link, NULL},
	{"correction", NULL, NULL, 0, NULL, correction_words},
	{"t1", NULL, NULL, 0, NULL, t1_words},
	{"file", NULL, NULL, 0, NULL, file_words},
	{"vehicle", NULL, NULL, 0, NULL, vehicle_words},
	{"registration", NULL, NULL, 0, NULL, registration_words},
	{"jobs", NULL, NULL, 0, NULL, jobs_words},
	{"requeue", "[JOB] [--dead]", "puts a job that was given up back, or all of them", DATABASE, verb_requeue, NULL},
	{"audit", NULL, NULL, 0, NULL, audit_words},
	{"config", NULL, "prints the settings; secrets stay hidden", SETTINGS, verb_config, NULL},
	{"version", NULL, "prints the version", 0, verb_version, NULL},
	{0},
};

int main(int argc, char **argv)
{
	return command_run(words, argc, argv);
}
