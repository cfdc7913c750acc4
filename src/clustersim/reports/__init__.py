"""What is said: findings as blocks of headings, sentences, tables and figures, whatever shows them."""
