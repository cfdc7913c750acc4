"""Blocks on a terminal, as Markdown, Word, PDF and XLSX: one file each, no sentence of its own."""
