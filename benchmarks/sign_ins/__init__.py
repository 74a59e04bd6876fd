"""What the benchmarks of signing in need: who drives, who is there, and the two providers that ours is measured beside."""
