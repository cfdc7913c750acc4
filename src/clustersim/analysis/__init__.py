"""Frames in, frames out: estimates, indices and attributions. No sentence, no file and no language."""
