"""The results folder: blocks of seeds, written whole or not at all, and the manifest that says what they are.

`folder.RunFolder` is what others use; `blocks` knows the layout of the blocks, `atomic` how to write safely.
"""
