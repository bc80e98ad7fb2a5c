module go_acceptance

go 1.26
