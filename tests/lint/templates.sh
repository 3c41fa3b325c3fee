#!/bin/sh
# Checks the page templates for what would print unescaped text or break the content policy.
# usage: templates.sh [FOLDER ...]      (default: templates)
# Prints "file:line: what is wrong" and ends with 1 when there is anything.
set -eu
[ $# -gt 0 ] || set -- templates
for folder; do
	[ -d "$folder" ] || { echo "$folder: no such folder" >&2; exit 2; }
done
find "$@" -name '*.cs' -type f | LC_ALL=C sort | tr '\n' '\0' | xargs -0 -r perl -e '
use strict;
use warnings;

my $found = 0;
my $escapers = "html_escape|url_escape|js_escape|url_validate|text_html|html_strip";
# A command is checked on its own text, between "<?cs" and "?>".
my @command_rules = (
	[qr/^(?:uvar|lvar|evar|linclude)\s*[:!]/, "prints or runs a value unescaped"],
	[qr/^name\s*[:!]/, "prints a node name unescaped: use var:name(x)"],
	[qr/^include\s*:/, "a missing file would be skipped in silence: use include!\"file\""],
	[qr/^include\s*!\s*(?!")/, "an include needs a literal file name"],
	[qr/^escape\s*[:!]\s*(?!"(?:html|js|url)")/, "switches escaping off"],
	[qr/\b(?:text_html|html_strip)\s*\(/, "is not an escaper"],
);
# What stands outside commands; these are replaced by a placeholder before.
my @page_rules = (
	[qr/<script\b(?![^>]*\bsrc\s*=)[^>]*>/i, "script without src"],
	[qr/<script\b[^>]*>(?!\s*<\/script>)/i, "script with a body"],
	[qr/<style\b/i, "style element"],
	[qr/(?<![\w-])style\s*=/i, "style attribute"],
	[qr/(?<![\w.-])on[a-z]+\s*=/i, "event handler attribute"],
	[qr/javascript\s*:/i, "javascript: address"],
	[qr/\s[\w-]+\s*=\s*\x01/, "attribute value without quotes"],
	[qr/<\?cs\b/, "command without an end"],
);

sub report {
	my ($file, $text, $at, $what) = @_;
	my $line = 1 + (substr($text, 0, $at) =~ tr/\n//);
	print "$file:$line: $what\n";
	$found = 1;
}

for my $file (@ARGV) {
	open(my $in, "<:raw", $file) or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	close $in;
	next unless defined $text;
	while ($text =~ /<\?cs\b\s*(.*?)\s*\?>/sg) {
		my ($at, $command) = ($-[0], $1);
		next if $command =~ /^#/;
		for my $rule (@command_rules) {
			report($file, $text, $at, "$rule->[1]: $command") if $command =~ $rule->[0];
		}
		report($file, $text, $at, "an escape function must be the whole expression: $command")
			if $command =~ /\b(?:$escapers)\s*\(/ && $command !~ /^var\s*[:!]\s*(?:$escapers)\s*\(\s*[\w.\$]+\s*\)$/;
	}
	# One placeholder a command, with as many line ends, so that places stay right.
	(my $page = $text) =~ s/<\?cs\b(.*?)\?>/"\x01" . ("\n" x ($1 =~ tr|\n||))/seg;
	for my $rule (@page_rules) {
		while ($page =~ /$rule->[0]/g) {
			report($file, $page, $-[0], $rule->[1]);
		}
	}
	utf8::decode(my $copy = $text) or report($file, $text, 0, "is not UTF-8");
}
exit $found;
'
