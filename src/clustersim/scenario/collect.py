"""Numbers to find out in a cluster because the answer depends on them, the most influential first."""

TO_COLLECT = ("rivalry", "reroute", "cross_chain", "purchases", "outside_share", "specificity", "organisation_share")
