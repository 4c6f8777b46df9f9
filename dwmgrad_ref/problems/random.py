"""Random numbers that are a function of (seed, t, i): no state, any step at once, the same compiled and not.

Philox2x32 with 10 rounds, [salmon2011]: the counter is (t, i), the key the seed. Plain integers
and masks only, so that numba's wrapping 64-bit arithmetic and Python's unbounded one agree.
"""

from typing import Any

MASK = 0xFFFFFFFF
MULTIPLIER = 0xD256D193
WEYL = 0x9E3779B9


def philox(low: Any, high: Any, key: Any) -> Any:
    """Two 32-bit words from a 64-bit counter and a 32-bit key, all given and returned as integers."""
    for _ in range(10):
        product = MULTIPLIER * low
        low, high = ((product >> 32) & MASK) ^ key ^ high, product & MASK
        key = (key + WEYL) & MASK
    return low, high


def uniform(seed: Any, t: Any, i: Any) -> Any:
    """Uniform on [0, 1) with 53 random bits; seed, t and i below 2^32."""
    low, high = philox(int(t) & MASK, int(i) & MASK, int(seed) & MASK)
    return ((low >> 5) * 67108864 + (high >> 6)) / 9007199254740992.0
