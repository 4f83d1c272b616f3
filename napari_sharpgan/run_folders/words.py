"""Times and sizes in words that are as exact as one wants to know them."""


def clock(seconds: float) -> str:
    """Return a time in words.

    Examples
    --------
    >>> [clock(seconds) for seconds in (42, 600, 7800, 260_000)]
    ['42 s', '10 min', '2 h 10 min', '3 d 0 h']
    """
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    if minutes < 90:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def gigabytes(count: int) -> str:
    """Return a number of bytes in words.

    Examples
    --------
    >>> [gigabytes(count) for count in (3_000_000, 1_940_000_000)]
    ['3 MB', '1.9 GB']
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
