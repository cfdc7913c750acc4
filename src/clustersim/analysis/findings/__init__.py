"""What studies found: tables, and the sentences that say them. One file a verb; `common` holds what they share."""
