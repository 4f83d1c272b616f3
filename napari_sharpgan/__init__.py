"""Draw nuclei, get realistic H&E tissue."""
