//! The shell's grammar and words, on a machine of the world.
