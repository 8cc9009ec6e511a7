"""The page has two parts, each written by a program of its own, which keeps the other's: a line of its own stands between them."""

MARK = "<!-- The second part, from here on, is written by bench/listeners/run. -->\n"


def keep(path, first):
    """Writes the first part, and what the page had behind the mark."""
    path.write_text(first.rstrip("\n") + "\n" + (("\n" + MARK + second_of(path)) if second_of(path) else ""))


def replace(path, second):
    """Writes the second part behind what the page had before the mark."""
    first = path.read_text().partition(MARK)[0]
    path.write_text(first.rstrip("\n") + "\n\n" + MARK + "\n" + second)


def second_of(path):
    return path.read_text().partition(MARK)[2] if path.exists() else ""
