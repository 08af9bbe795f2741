"""The publishers, one module each: `PUBLISHERS`."""
