"""`python -m clustersim`, where the command itself is not on the path."""

from clustersim.cli import main

if __name__ == "__main__":
    main(prog_name="clustersim")
