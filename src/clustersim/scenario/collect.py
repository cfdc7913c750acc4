"""What a researcher can find out in a cluster and the answer hangs on; the most important numbers first."""

TO_COLLECT = ("rivalry", "reroute", "cross_chain", "purchases", "outside_share", "specificity", "organisation_share")
