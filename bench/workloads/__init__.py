"""Which points, which k: synthetic, real and users' files, staged once by content hash."""
