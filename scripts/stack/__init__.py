"""What scripts/up and scripts/down are made of: one machine's stack, started, watched over and stopped. Standard library only."""
