#!/usr/bin/perl
# SPDX-License-Identifier: Apache-2.0
# Writes upcase_table.inc from Perl's Unicode data; run by hand, its output is committed, because
# keys that were folded with one table must never meet another.
# Usage: upcase_table.pl > upcase_table.inc
#
# Windows compares names with a fixed table of one-to-one mappings. Taken for it here: Unicode's
# simple upper-casing without the mappings that lower-casing would not undo (dotless i, long s,
# micro sign, Greek symbol letters, title-case digraphs), final sigma excepted, of the characters
# that Unicode 6.0 knew. Other implementations' tables, made from older Windows, leave out the same
# mappings.
use strict;
use warnings;
use Unicode::UCD qw(prop_invmap charprop);

my (%upper, %lower);
for my $c (0 .. 0xFFFF) {
    next if $c >= 0xD800 && $c <= 0xDFFF;
    my $u = ord charprop($c, 'Simple_Uppercase_Mapping');
    my $l = ord charprop($c, 'Simple_Lowercase_Mapping');
    $upper{$c} = $u if $u != $c && $u <= 0xFFFF;
    $lower{$c} = $l if $l != $c;
}
sub known {
    my $age = charprop($_[0], 'Age');
    return $age =~ /^V?(\d+)[._]/ && $1 <= 6 && $age !~ /6[._][1-9]/;
}

my @pairs;
for my $c (sort { $a <=> $b } keys %upper) {
    my $u = $upper{$c};
    next unless $c == 0x03C2 || (defined $lower{$u} && $lower{$u} == $c);
    push @pairs, [$c, $u] if known($c) && known($u);
}
# Runs of equal distance, with a step of 1 or 2.
my @runs;
for my $p (@pairs) {
    my ($c, $d) = ($p->[0], $p->[1] - $p->[0]);
    my $r = $runs[-1];
    if ($r && $r->{d} == $d) {
        my $gap = $c - $r->{last};
        if ($r->{first} == $r->{last} ? $gap <= 2 : $gap == $r->{step}) {
            $r->{step} = $gap;
            $r->{last} = $c;
            next;
        }
    }
    push @runs, { first => $c, last => $c, step => 1, d => $d };
}
print "// SPDX-License-Identifier: Apache-2.0\n";
print "// Written by upcase_table.pl: first, last, step, distance to the capital.\n";
printf "{0x%04X, 0x%04X, %d, %d},\n", @$_{qw(first last step d)} for @runs;
