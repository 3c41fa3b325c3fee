#!/bin/sh
# 模拟办理 keeps nothing: its handlers call nothing that writes, begins a transaction or queues a job.
cd "$(dirname "$0")/../.." || exit 2
writes='\b(db_(query|run|begin|commit|script)|flow_(lock|enter|serve|go_on)|draft_(create|lock|set|prove|read|consent|agree)[a-z_]*|holder_save|queue_[a-z_]+|audit_[a-z_]+|evidence_[a-z_]+|limits_[a-z_]+|sms_[a-z_]+|code_(send|check)|consent_record|submission_[a-z_]+|session_renew) *\(|->submit|\.submit\b'
if grep -nE "$writes" cgi/flow/practice.c || grep -n '#include "store/' cgi/flow/practice.c; then
	echo "not ok practice_calls_nothing_that_writes"
	exit 1
fi
echo "ok practice_calls_nothing_that_writes"
