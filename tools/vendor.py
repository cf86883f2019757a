"""Takes the files that the web application needs from their npm packages: ``make vendor``.

Each package has its version and its integrity hash here; the registry is the one that ``npm`` is set up with.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "src/sluis/web/static/web/vendor"
ICONS = ROOT / "src/sluis/web/icons"
AXE = ROOT / "tests/web/vendor"

PACKAGES: dict[str, tuple[str, str, dict[str, Path]]] = {
    "@tabler/core": (
        "1.6.1",
        "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        {
            "dist/css/tabler.min.css": STATIC / "tabler.min.css",
            "dist/js/tabler.min.js": STATIC / "tabler.min.js",
        },
    ),
    "htmx.org": (
        "4.0.1",
        "sha512-oF7JgXhDW9UXCy/k1ZYFUQgzu/rm19ORWPSPNL91vPluB2PB9+MV55tyQdH/w7o2EAbTYUG5SDW1R60mdkdqGg==",
        {"dist/htmx.min.js": STATIC / "htmx.min.js"},
    ),
    "uplot": (
        "1.6.32",
        "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw==",
        {
            "dist/uPlot.iife.min.js": STATIC / "uplot.min.js",
            "dist/uPlot.min.css": STATIC / "uplot.min.css",
        },
    ),
    "@fontsource-variable/inter": (
        "5.3.0",
        "sha512-OupL48va4JNofb97w6NYeF9S7W/kHNKM0Er8Dem5nqi4jeOLrVJDoE8tZEpnMJmtkvNbB1EIPPwHcdkF6b1oUA==",
        {
            "files/inter-latin-wght-normal.woff2": STATIC / "inter-latin.woff2",
            "files/inter-latin-ext-wght-normal.woff2": STATIC / "inter-latin-ext.woff2",
        },
    ),
    "@tabler/icons": (
        "3.52.0",
        "sha512-dldKlJNfO/gZnGLcIY0X2EFFKIMGwL/rEvTqglvBgAPFiwj9pZOCN5V3Sf0Gyjq6foX4VQmLdOmsS4w5FdWKAw==",
        {
            f"icons/outline/{name}.svg": ICONS / f"{name}.svg"
            for name in (
                "activity",
                "alert-circle",
                "alert-triangle",
                "archive",
                "arrow-left",
                "bell",
                "building",
                "chart-line",
                "check",
                "chevron-down",
                "chevron-right",
                "circle-check",
                "clock",
                "copy",
                "database",
                "device-desktop",
                "device-floppy",
                "download",
                "eye",
                "file-text",
                "filter",
                "folder",
                "help-circle",
                "history",
                "home",
                "info-circle",
                "key",
                "language",
                "list-details",
                "lock",
                "logout",
                "mail",
                "moon",
                "pencil",
                "player-pause",
                "player-play",
                "plug-connected",
                "plus",
                "refresh",
                "rotate-clockwise",
                "search",
                "server",
                "settings",
                "shield-check",
                "shield-lock",
                "stethoscope",
                "sun",
                "trash",
                "truck-delivery",
                "upload",
                "user",
                "users",
                "x",
            )
        },
    ),
    "axe-core": (
        "4.14.1",
        "sha512-FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ==",
        {"axe.min.js": AXE / "axe.min.js"},
    ),
}
LICENCES = {"LICENSE", "LICENSE.md", "LICENSE.txt"}
_SOURCE_MAP = re.compile(rb"^\s*(//[#@]|/\*[#@]) ?sourceMappingURL=.*$", re.MULTILINE)


def main() -> int:
    taken: dict[Path, dict[str, dict[str, str]]] = {}
    for name, (version, integrity, files) in PACKAGES.items():
        package = fetch(f"{name}@{version}", integrity)
        with tarfile.open(fileobj=io.BytesIO(package)) as archive:
            for inside, target in files.items():
                content = read(archive, inside)
                if target.suffix in {".css", ".js"}:
                    # The file that it names is not there, and what makes hashed names of files looks for it.
                    content = _SOURCE_MAP.sub(b"", content)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
                told = taken.setdefault(target.parent, {}).setdefault(f"{name} {version}", {})
                told[target.name] = hashlib.sha256(content).hexdigest()
            for member in archive.getnames():
                if member.removeprefix("package/") in LICENCES:
                    folder = next(iter(files.values())).parent
                    licence = folder / f"LICENSE.{name.strip('@').replace('/', '-')}"
                    licence.write_bytes(read(archive, member.removeprefix("package/")))
    for folder, packages in taken.items():
        (folder / "vendored.json").write_text(json.dumps(packages, indent=1) + "\n", "utf-8")
    return 0


def fetch(package: str, integrity: str) -> bytes:
    """The package as npm gives it; ends where it is not the one that was looked at."""
    with tempfile.TemporaryDirectory() as folder:
        told = subprocess.run(["npm", "pack", package, "--json"], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - a package of our list, by the npm of this machine
        packed = json.loads(told.stdout)
        content = (Path(folder) / packed[0]["filename"]).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if found != integrity:
        sys.exit(f"{package} is not what was looked at: {found}")
    return content


def read(archive: tarfile.TarFile, inside: str) -> bytes:
    file = archive.extractfile(f"package/{inside}")
    if file is None:
        sys.exit(f"there is no {inside}")
    return file.read()


if __name__ == "__main__":
    sys.exit(main())
