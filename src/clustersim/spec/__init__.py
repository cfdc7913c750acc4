"""What things are: parameters, state columns, levers, random streams, results. No module here walks over firms."""
