"""The functions' code as zip files: each with the modules that it imports, and the locked dependencies.

A bundle is built when it is first needed, into a file that is named for the hash of what goes in, so the
same sources and lock give the same file and nothing is deployed in vain. Entries are stored uncompressed:
compressed bytes differ between versions of zlib.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pulumi

from components.import_graph import ImportGraph
from components.naming import FunctionName

PACKAGES: Final = ("bedrock_analytics", "lambdas")
LOCK: Final = "requirements/lambda.lock"
BUNDLES: Final = "build/bundles"
PLATFORMS: Final = (
    "manylinux_2_34_aarch64",
    "manylinux_2_28_aarch64",
    "manylinux_2_17_aarch64",
    "manylinux2014_aarch64",
)
"""What runs on Amazon Linux 2023, which has glibc 2.34, on arm64."""
PYTHON_VERSION: Final = "3.13"
DATA: Final[Mapping[str, str]] = {"bedrock_analytics.storage.bundled_prices": "bedrock_analytics/data"}
"""Folders of files that a module reads beside itself."""
LAYOUT: Final = "1"
"""Changes when bundles are put together in another way."""
INSTALL_SECONDS: Final = 300

Installer = Callable[[Path, Path], None]
"""Puts what a lock names into a directory."""


class BundleError(Exception):
    """A bundle cannot be built; the text says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleBuilder:
    """Builds bundles from the project in `root`."""

    root: Path
    install: Installer

    def build(self, function: FunctionName) -> Path:
        """The bundle of a function; BundleError where its dependencies cannot be fetched."""
        sources = self.sources(function)
        target = self.root / BUNDLES / f"{function}-{self._key(sources)}.zip"
        if not target.is_file():
            _write_zip(target, {**_tree(self.dependencies()), **sources})
        return target

    def sources(self, function: FunctionName) -> dict[str, Path]:
        """The project's files in a function's bundle, by their name there."""
        graph = ImportGraph(root=self.root, packages=PACKAGES)
        modules = graph.reached_from(f"lambdas.{function.replace('-', '_')}")
        files = [*modules.values()]
        for module, folder in DATA.items():
            if module in modules:
                files += (self.root / folder).glob("*.json")
        return {path.relative_to(self.root).as_posix(): path for path in files}

    def dependencies(self) -> Path:
        """The directory of what the lock names, installed once for each lock."""
        lock = self.root / LOCK
        target = self.root / BUNDLES / f"dependencies-{_digest([LAYOUT.encode(), lock.read_bytes()])}"
        if not target.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=target.parent) as workshop:
                installed = Path(workshop) / "dependencies"
                self.install(lock, installed)
                _move(installed, target)
        return target

    def _key(self, sources: Mapping[str, Path]) -> str:
        parts = [LAYOUT.encode(), (self.root / LOCK).read_bytes()]
        for name, path in sorted(sources.items()):
            parts += [name.encode(), path.read_bytes()]
        return _digest(parts)


def lambda_archives(root: Path) -> dict[FunctionName, pulumi.Archive]:
    """Every function's code, built where it is not yet; BundleError where it cannot be."""
    builder = BundleBuilder(root=root, install=pip_install)
    return {function: pulumi.FileArchive(str(builder.build(function))) for function in FunctionName}


def pip_install(lock: Path, target: Path) -> None:
    """Fetch the locked wheels for Lambda's platform; BundleError with pip's last words where that fails."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--no-compile", "--no-user"]
    command += ["--implementation", "cp", "--python-version", PYTHON_VERSION]
    command += [part for platform in PLATFORMS for part in ("--platform", platform)]
    command += ["--requirement", str(lock), "--target", str(target)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS)  # noqa: S603 - no shell, and nothing of it comes from outside
    except subprocess.CalledProcessError as error:
        raise BundleError(f"pip could not fetch what {lock.name} names: {_reason(error.stderr)}") from error
    except subprocess.TimeoutExpired as error:
        raise BundleError(
            f"pip did not fetch what {lock.name} names within {INSTALL_SECONDS} seconds"
        ) from error


def _reason(said: str) -> str:
    """The last of pip's errors, or else of its words."""
    lines = said.strip().splitlines() or ["no reason given"]
    return ([line for line in lines if line.startswith("ERROR")] or lines)[-1]


def _tree(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if _is_wanted(path)}


def _is_wanted(path: Path) -> bool:
    """Whether a function can use a file, and every installation writes it alike."""
    if not path.is_file() or path.suffix in {".pyc", ".pyi"} or path.parent.name == "bin":
        return False
    return not path.parent.name.endswith(".dist-info") or path.name not in {
        "RECORD",
        "INSTALLER",
        "REQUESTED",
    }


def _write_zip(target: Path, files: Mapping[str, Path]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".partial")
    with os.fdopen(handle, "wb") as stream, zipfile.ZipFile(stream, "w") as bundle:
        for info, path in _entries(files):
            bundle.writestr(info, path.read_bytes())
    Path(name).replace(target)


def _entries(files: Mapping[str, Path]) -> Iterator[tuple[zipfile.ZipInfo, Path]]:
    """Entries in the order of their names, all of one time and readable by everyone."""
    for name, path in sorted(files.items()):
        info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
        info.create_system = 3
        info.external_attr = 0o100644 << 16
        yield info, path


def _move(source: Path, target: Path) -> None:
    """Put a finished directory in its place; one that another process finished first is as good."""
    try:
        source.rename(target)
    except OSError:
        if not target.is_dir():
            raise


def _digest(parts: list[bytes]) -> str:
    """Hash of texts, each with its length, so that none can run into the next."""
    found = hashlib.sha256()
    for part in parts:
        found.update(len(part).to_bytes(8, "big"))
        found.update(part)
    return found.hexdigest()[:16]
