"""The page's parts, each written by a program of its own, which keeps the others': a line of its own stands before each but the first."""

SITUATIONS, LISTENERS, WAITING, PICKING = 0, 1, 2, 3
MARKS = (
    "<!-- The second part, from here on, is written by bench/listeners/run. -->\n",
    "<!-- The third part, from here on, is written by bench/comparison/waiting. -->\n",
    "<!-- The fourth part, from here on, is written by bench/comparison/picking. -->\n",
)


def of(path):
    """The text of each part, without the marks; a part that was never written is empty."""
    rest = path.read_text() if path.exists() else ""
    found = []
    for mark in reversed(MARKS):
        rest, _, text = rest.partition(mark)
        found.append(text.strip("\n"))
    return [rest.strip("\n"), *reversed(found)]


def write(path, which, text):
    """Writes one part, and what the page had of the others."""
    parts = of(path)
    parts[which] = text.strip("\n")
    path.write_text("\n\n".join([parts[0], *(mark + "\n" + part for mark, part in zip(MARKS, parts[1:]) if part)]) + "\n")
