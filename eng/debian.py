"""Debian's packages of one release and architecture, fetched by apt, whose keyring vouches for them, and unpacked, not installed."""
import os
import pathlib
import platform
import re
import subprocess
import sys

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# The processors that we build for, by .NET's name: Debian's name for them.
ARCHITECTURES = {"x64": "amd64", "arm64": "arm64"}


def fail(message):
    sys.exit(f"eng/{pathlib.Path(sys.argv[0]).name}: {message}")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        fail(f"{' '.join(map(str, command[:3]))}... failed:\n{done.stderr[-2000:]}")
    return done.stdout


def own_architecture():
    """This machine's, by .NET's name; None for one that we do not build for."""
    return {"x86_64": "x64", "aarch64": "arm64"}.get(platform.machine())


def cache():
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bindwise"


def mirror():
    """The mirror that this system uses; Debian's own where the system is not Debian."""
    if re.search(r"^ID=debian$", pathlib.Path("/etc/os-release").read_text(), re.MULTILINE):
        for file in [pathlib.Path("/etc/apt/sources.list"), *sorted(pathlib.Path("/etc/apt/sources.list.d").glob("*"))]:
            text = file.read_text() if file.is_file() else ""
            for uri in re.findall(r"^URIs:\s*(\S+)|^deb\s+(?:\[[^]]*\]\s+)?(\S+)", text, re.MULTILINE):
                if "debian" in "".join(uri) and "security" not in "".join(uri):
                    return "".join(uri)
    return "http://deb.debian.org/debian"


class Packages:
    """Debian's packages of one release, apart from this system's own package lists."""

    def __init__(self, folder, release, architecture="amd64"):
        self.folder = folder
        for name in ("lists/partial", "archives/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").touch()
        sources = self.folder / "sources.list"
        sources.write_text(f"deb [signed-by={KEYRING}] {mirror()} {release} main\n")
        self.options = [f"-oDir::Etc::sourcelist={sources}", "-oDir::Etc::sourceparts=/dev/null", f"-oDir::State::lists={self.folder}/lists",
                        f"-oDir::State::status={self.folder}/status", f"-oDir::Cache={self.folder}", "-oAPT::Sandbox::User=root",
                        f"-oAPT::Architecture={architecture}", f"-oAPT::Architectures={architecture}"]

    def update(self):
        """None, or why the archive cannot be read."""
        found = subprocess.run(["apt-get", "-qq", *self.options, "update"], capture_output=True, text=True)
        return None if found.returncode == 0 else found.stderr.strip()[-500:]

    def unpack(self, name, target):
        """The package's files, in the folder."""
        run("apt-get", "-qq", *self.options, "download", name, cwd=self.folder)
        archive = max(self.folder.glob(name + "_*.deb"), key=os.path.getmtime)
        run("dpkg-deb", "-x", str(archive), str(target))
        archive.unlink()

    def extract(self, name):
        """The folder with a package's files; the newest that is cached where the archive cannot be reached."""
        obstacle = self.update()
        if obstacle is None:
            # Of a metapackage the kernel that it stands for, and of that, since 7, the packages that have its files.
            package = next(iter(re.findall(r"Depends: (linux-image-\S+)", self.depends(name))), name)
            target = self.folder / package
            if not (target / "done").exists():
                for part in [package, *re.findall(r"Depends: (linux-(?:binary|modules)-\S+)", self.depends(package))]:
                    self.unpack(part, target)
                (target / "done").touch()
            return target
        # The kernel that a metapackage stands for has its version in the middle of the name.
        done = sorted(self.folder.glob(re.sub("^linux-image-", "linux-image-*", name) + "/done"), key=os.path.getmtime)
        return done[-1].parent if done else fail(f"cannot fetch {name}: {obstacle}")

    def depends(self, name):
        return run("apt-cache", *self.options, "depends", name)
