"""A file for each family of steps; `step` holds what all of them keep to and is read first."""
