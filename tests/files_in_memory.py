"""Files by path, for what reads configuration through a reader handed to it; folders are those the paths imply."""


class Files(dict[str, str]):
    """A tree of files that was never on a disk."""

    def read_text(self, path: str) -> str | None:
        return self.get(path)

    def names_in(self, directory: str) -> tuple[str, ...]:
        folder = directory.rstrip("/") + "/"
        return tuple(sorted({path[len(folder) :].split("/")[0] for path in self if path.startswith(folder)}))
